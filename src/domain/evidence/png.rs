//! PNG: kept are the chunks that make the picture; texts, times and everything unknown go.

use super::{Unfit, fits};

/// How every PNG begins.
pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

const KEPT: [&[u8; 4]; 11] = [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"];

/// The picture without its metadata. What follows its end is cut off.
pub(super) fn strip(bytes: &[u8]) -> Result<Vec<u8>, Unfit> {
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(SIGNATURE);
    let (mut at, mut data) = (SIGNATURE.len(), false);
    loop {
        let head = bytes.get(at..at + 8).ok_or(Unfit::Broken)?;
        let length = usize::try_from(u32::from_be_bytes([head[0], head[1], head[2], head[3]])).map_err(|_| Unfit::Broken)?;
        let name: &[u8; 4] = head[4..].try_into().map_err(|_| Unfit::Broken)?;
        let whole = bytes.get(at..at.checked_add(length).and_then(|end| end.checked_add(12)).ok_or(Unfit::Broken)?).ok_or(Unfit::Broken)?;
        if (at == SIGNATURE.len()) != (name == b"IHDR") {
            return Err(Unfit::Broken);
        }
        if name == b"IHDR" {
            let side =
                |from: usize| whole.get(from..from + 4).map(|four| u64::from(u32::from_be_bytes([four[0], four[1], four[2], four[3]])));
            fits(side(8).ok_or(Unfit::Broken)?, side(12).ok_or(Unfit::Broken)?)?;
        }
        data |= name == b"IDAT";
        if KEPT.contains(&name) {
            out.extend_from_slice(whole);
        }
        at += whole.len();
        if name == b"IEND" {
            return if data { Ok(out) } else { Err(Unfit::Broken) };
        }
    }
}
