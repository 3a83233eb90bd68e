//! Solves the small systems of equations that Newton's method needs.

/// Solves `matrix * x = right` for a symmetric positive definite matrix (row by row, `n * n`), by Cholesky's method. The
/// answer takes the place of `right`; the matrix is used up.
pub(crate) fn solve(matrix: &mut [f64], right: &mut [f64]) {
    let n = right.len();
    for column in 0..n {
        for row in column..n {
            let mut sum = matrix[row * n + column];
            for k in 0..column {
                sum -= matrix[row * n + k] * matrix[column * n + k];
            }
            matrix[row * n + column] = if row == column { sum.max(1e-12).sqrt() } else { sum / matrix[column * n + column] };
        }
    }
    for row in 0..n {
        for k in 0..row {
            right[row] -= matrix[row * n + k] * right[k];
        }
        right[row] /= matrix[row * n + row];
    }
    for row in (0..n).rev() {
        for k in row + 1..n {
            right[row] -= matrix[k * n + row] * right[k];
        }
        right[row] /= matrix[row * n + row];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_solved() {
        let mut matrix = [4.0, 2.0, 0.4, 2.0, 3.0, 1.0, 0.4, 1.0, 2.0];
        let whole = matrix;
        let mut x = [1.0, -2.0, 3.0];
        solve(&mut matrix, &mut x);
        for (row, wanted) in [1.0, -2.0, 3.0].iter().enumerate() {
            let got: f64 = (0..3).map(|k| whole[row * 3 + k] * x[k]).sum();
            assert!((got - wanted).abs() < 1e-9, "{x:?}");
        }
    }
}
