//! PDF: it must have an end, and must not carry programs or other files. Names of such parts stand in plain letters between the streams
//! unless somebody hides them on purpose; agents open documents in the browser's own viewer inside a sandbox.

use super::Unfit;

const ACTIVE: [&[u8]; 6] = [b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/XFA"];
/// The mark of the end stands within so many last bytes.
const TAIL: usize = 2048;

/// Whether it may be taken.
pub(super) fn check(bytes: &[u8]) -> Result<(), Unfit> {
    let tail = &bytes[bytes.len().saturating_sub(TAIL)..];
    if find(tail, b"%%EOF").is_none() {
        return Err(Unfit::Broken);
    }
    // Packed data says anything by chance, so only what stands outside of streams counts.
    let mut rest = bytes;
    while let Some(begin) = find_stream(rest) {
        is_quiet(&rest[..begin])?;
        let end = find(&rest[begin..], b"endstream").ok_or(Unfit::Broken)?;
        rest = &rest[begin + end + b"endstream".len()..];
    }
    is_quiet(rest)
}

fn is_quiet(part: &[u8]) -> Result<(), Unfit> {
    let named = |name: &[u8]| part.windows(name.len() + 1).any(|at| at.starts_with(name) && !at[name.len()].is_ascii_alphanumeric());
    if ACTIVE.into_iter().any(named) { Err(Unfit::Active) } else { Ok(()) }
}

/// Where the data of the next stream begins: behind a dictionary, the keyword and the end of its line.
fn find_stream(bytes: &[u8]) -> Option<usize> {
    const KEYWORD: &[u8] = b"stream";
    let mut from = 0;
    loop {
        let at = from + find(&bytes[from..], KEYWORD)?;
        let data = at + KEYWORD.len();
        let ends_line = bytes[data..].starts_with(b"\n") || bytes[data..].starts_with(b"\r\n");
        if ends_line && bytes[..at].trim_ascii_end().ends_with(b">>") {
            return Some(data);
        }
        from = data;
    }
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|part| part == mark)
}
