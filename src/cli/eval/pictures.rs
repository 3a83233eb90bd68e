//! Pictures of an evaluation as SVG files, drawn by hand: two curves and a table. They are read on light and on dark pages.

use crate::understanding::eval::Band;
use std::fmt::Write;

const WIDTH: f32 = 480.0;
const HEIGHT: f32 = 360.0;
const LEFT: f32 = 56.0;
const TOP: f32 = 36.0;
const PLOT: (f32, f32) = (WIDTH - LEFT - 20.0, HEIGHT - TOP - 52.0);

/// A frame with title, axes from 0 to the given ends, and their names.
struct Plot {
    svg: String,
    ends: (f32, f32),
}

impl Plot {
    fn new(title: &str, (across, upwards): (&str, &str), ends: (f32, f32)) -> Self {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\" \
             font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"#667\">\n\
             <text x=\"{LEFT}\" y=\"20\" font-size=\"14\" font-weight=\"600\">{title}</text>\n"
        );
        for tick in 0..=5 {
            let part = tick as f32 / 5.0;
            let (x, y) = (LEFT + part * PLOT.0, TOP + (1.0 - part) * PLOT.1);
            let (below, beside) = (TOP + PLOT.1 + 16.0, LEFT - 6.0);
            let _ = writeln!(
                svg,
                "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\" stroke=\"#99a\" stroke-opacity=\".35\"/>\
                 <text x=\"{x}\" y=\"{below}\" text-anchor=\"middle\">{:.0} %</text>\
                 <text x=\"{beside}\" y=\"{}\" text-anchor=\"end\">{:.0} %</text>",
                LEFT + PLOT.0,
                part * ends.0 * 100.0,
                y + 4.0,
                part * ends.1 * 100.0
            );
        }
        let (middle, low) = (LEFT + PLOT.0 / 2.0, HEIGHT - 10.0);
        let _ = writeln!(
            svg,
            "<text x=\"{middle}\" y=\"{low}\" text-anchor=\"middle\">{across}</text>\
             <text transform=\"translate(14 {}) rotate(-90)\" text-anchor=\"middle\">{upwards}</text>",
            TOP + PLOT.1 / 2.0
        );
        Self { svg, ends }
    }

    fn at(&self, (x, y): (f32, f32)) -> (f32, f32) {
        (LEFT + (x / self.ends.0).clamp(0.0, 1.0) * PLOT.0, TOP + (1.0 - (y / self.ends.1).clamp(0.0, 1.0)) * PLOT.1)
    }

    fn line(&mut self, points: &[(f32, f32)], look: &str) {
        let path: Vec<String> = points.iter().map(|point| self.at(*point)).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(self.svg, "<polyline points=\"{}\" fill=\"none\" {look}/>", path.join(" "));
    }

    fn done(mut self) -> String {
        self.svg.push_str("</svg>\n");
        self.svg
    }
}

/// What is wrong among the surest answers, by how many are taken.
pub(super) fn risk_coverage(curve: &[(f32, f32)], budget: f32) -> String {
    let most = curve.last().map_or(0.1, |(_, risk)| (risk * 1.2).max(2.0 * budget));
    let mut plot = Plot::new("Wrong among the answers that are taken", ("answers taken, surest first", "wrong"), (1.0, most));
    plot.line(&[(0.0, budget), (1.0, budget)], "stroke=\"#c60\" stroke-dasharray=\"5 4\"");
    plot.line(curve, "stroke=\"#27a\" stroke-width=\"2\"");
    plot.done()
}

/// Whether a certainty that is promised is kept.
pub(super) fn reliability(bands: &[Band]) -> String {
    let mut plot = Plot::new("Promised certainty and what came of it", ("promised", "right"), (1.0, 1.0));
    plot.line(&[(0.0, 0.0), (1.0, 1.0)], "stroke=\"#99a\" stroke-dasharray=\"5 4\"");
    let points: Vec<(f32, f32)> = bands.iter().filter(|band| band.n > 0).map(|band| (band.promised, band.right)).collect();
    plot.line(&points, "stroke=\"#27a\" stroke-width=\"2\"");
    let all: u32 = bands.iter().map(|band| band.n).sum();
    for band in bands.iter().filter(|band| band.n > 0) {
        let ((x, y), size) = (plot.at((band.promised, band.right)), 3.0 + 12.0 * (band.n as f32 / all as f32).sqrt());
        let _ = writeln!(
            plot.svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{size:.1}\" fill=\"#27a\" fill-opacity=\".55\"><title>{} answers</title></circle>",
            band.n
        );
    }
    plot.done()
}

/// The pairs of labels that are confused most, as bars.
pub(super) fn confusion(pairs: &[(String, String, usize)]) -> String {
    let (row, most) = (20.0, pairs.iter().map(|pair| pair.2).max().unwrap_or(1) as f32);
    let height = 44.0 + row * pairs.len() as f32;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 860 {height}\" role=\"img\" aria-label=\"Confused labels\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"#667\">\n\
         <text x=\"10\" y=\"20\" font-size=\"14\" font-weight=\"600\">Labels that are read as another</text>\n"
    );
    for (place, (wanted, given, count)) in pairs.iter().enumerate() {
        let (y, length) = (46.0 + row * place as f32, 220.0 * *count as f32 / most);
        let _ = writeln!(
            svg,
            "<text x=\"610\" y=\"{y}\" text-anchor=\"end\">{} → {}</text>\
             <rect x=\"620\" y=\"{}\" width=\"{length:.0}\" height=\"12\" rx=\"2\" fill=\"#27a\" fill-opacity=\".7\"/>\
             <text x=\"{:.0}\" y=\"{y}\">{count}</text>",
            escaped(wanted),
            escaped(given),
            y - 10.0,
            626.0 + length
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
