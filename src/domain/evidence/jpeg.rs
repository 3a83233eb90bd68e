//! JPEG: kept are the segments that make the picture, and which way up it is; notes, places, devices and thumbnails go.

use super::{Unfit, fits};

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP14: u8 = 0xee;
const COMMENT: u8 = 0xfe;

/// The picture without its metadata. What follows its end is cut off.
pub(super) fn strip(bytes: &[u8]) -> Result<Vec<u8>, Unfit> {
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(&[0xff, SOI]);
    let (mut at, mut frame, mut scans, mut turned) = (2, false, false, None);
    loop {
        // A marker: 0xff, perhaps more of them, then its number.
        if *bytes.get(at).ok_or(Unfit::Broken)? != 0xff {
            return Err(Unfit::Broken);
        }
        while *bytes.get(at).ok_or(Unfit::Broken)? == 0xff {
            at += 1;
        }
        let marker = bytes[at];
        at += 1;
        match marker {
            EOI => {
                if !frame || !scans {
                    return Err(Unfit::Broken);
                }
                out.extend_from_slice(&[0xff, EOI]);
                return Ok(turned.map_or(out.clone(), |way| with_orientation(&out, way)));
            }
            0x01 | 0xd0..=0xd7 => out.extend_from_slice(&[0xff, marker]),
            0x00 | SOI => return Err(Unfit::Broken),
            _ => {
                let segment = segment(bytes, at)?;
                let keep = !((APP0 + 1..=0xef).contains(&marker) && marker != APP14) && marker != COMMENT;
                if is_frame(marker) {
                    size(segment)?;
                    frame = true;
                }
                if marker == APP1 {
                    turned = turned.or_else(|| orientation(segment));
                }
                if keep {
                    out.extend_from_slice(&[0xff, marker]);
                    out.extend_from_slice(&bytes[at..at + segment.len() + 2]);
                }
                at += segment.len() + 2;
                if marker == SOS {
                    scans = true;
                    let end = scan_end(bytes, at).ok_or(Unfit::Broken)?;
                    out.extend_from_slice(&bytes[at..end]);
                    at = end;
                }
            }
        }
    }
}

/// The content of the segment whose length stands here.
fn segment(bytes: &[u8], at: usize) -> Result<&[u8], Unfit> {
    let length = bytes.get(at..at + 2).ok_or(Unfit::Broken)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    bytes.get(at + 2..at + length.max(2)).filter(|_| length >= 2).ok_or(Unfit::Broken)
}

/// Start of a frame: all of C0 to CF but the tables C4, C8 and CC.
fn is_frame(marker: u8) -> bool {
    (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker)
}

fn size(frame: &[u8]) -> Result<(), Unfit> {
    let sides = frame.get(1..5).ok_or(Unfit::Broken)?;
    fits(u64::from(u16::from_be_bytes([sides[2], sides[3]])), u64::from(u16::from_be_bytes([sides[0], sides[1]])))
}

/// Where the data of a scan ends: at a marker that is neither a stuffed byte nor a restart.
fn scan_end(bytes: &[u8], from: usize) -> Option<usize> {
    let data = bytes.get(from..)?;
    let end = data.windows(2).position(|two| two[0] == 0xff && two[1] != 0 && !(0xd0..=0xd7).contains(&two[1]) && two[1] != 0xff)?;
    Some(from + end)
}

/// Which way up the picture is, 2 to 8, from its Exif block; 1 is the usual way.
fn orientation(app1: &[u8]) -> Option<u8> {
    let tiff = app1.strip_prefix(b"Exif\0\0")?;
    let little = match tiff.get(..2)? {
        b"II" => true,
        b"MM" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let two: [u8; 2] = tiff.get(at..at + 2)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    };
    let long = |at: usize| {
        let four: [u8; 4] = tiff.get(at..at + 4)?.try_into().ok()?;
        Some(if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
    };
    let first = usize::try_from(long(4)?).ok()?;
    let entries = usize::from(short(first)?);
    (0..entries.min(200))
        .find_map(|entry| {
            let at = first.checked_add(2 + entry * 12)?;
            (short(at)? == 0x0112).then(|| short(at + 8)).flatten()
        })
        .and_then(|way| u8::try_from(way).ok())
        .filter(|way| (2..=8).contains(way))
}

/// The picture with an Exif block that says nothing but which way up it is.
fn with_orientation(picture: &[u8], way: u8) -> Vec<u8> {
    const HEAD: &[u8] = b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0";
    let mut out = Vec::with_capacity(picture.len() + 36);
    out.extend_from_slice(&picture[..2]);
    out.extend_from_slice(HEAD);
    out.push(way);
    out.extend_from_slice(&[0, 0, 0, 0, 0, 0]);
    out.extend_from_slice(&picture[2..]);
    out
}
