//! PDF: it must have an end, and must not carry programs or other files. Names of such parts stand in plain letters unless somebody
//! hides them on purpose; agents open documents in the browser's own viewer inside a sandbox.

use super::Unfit;

const ACTIVE: [&[u8]; 6] = [b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/XFA"];
/// The mark of the end stands within so many last bytes.
const TAIL: usize = 2048;

/// Whether it may be taken.
pub(super) fn check(bytes: &[u8]) -> Result<(), Unfit> {
    let tail = &bytes[bytes.len().saturating_sub(TAIL)..];
    if !has(tail, b"%%EOF") {
        return Err(Unfit::Broken);
    }
    let named = |name: &[u8]| bytes.windows(name.len() + 1).any(|part| part.starts_with(name) && !part[name.len()].is_ascii_alphanumeric());
    if ACTIVE.into_iter().any(named) { Err(Unfit::Active) } else { Ok(()) }
}

fn has(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|part| part == mark)
}
