//! Files that are what they say, files that lie, files that are broken anywhere.

use super::*;
use proptest::prelude::*;

/// A small picture with a comment, a place in its Exif block and a thumbnail's worth of notes.
fn jpeg(orientation: u8) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8];
    let mut segment = |marker: u8, content: &[u8]| {
        bytes.extend_from_slice(&[0xff, marker]);
        bytes.extend_from_slice(&u16::try_from(content.len() + 2).expect("short").to_be_bytes());
        bytes.extend_from_slice(content);
    };
    segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
    exif.extend_from_slice(b"\x12\x01\x03\0\x01\0\0\0");
    exif.extend_from_slice(&[orientation, 0, 0, 0]);
    exif.extend_from_slice(b"\x25\x88\x04\0\x01\0\0\0\x26\0\0\0GPS 59.3293N 18.0686E");
    segment(0xe1, &exif);
    segment(0xfe, b"taken at home");
    segment(0xdb, &[0; 65]);
    segment(0xc0, &[8, 0, 16, 0, 16, 1, 1, 0x11, 0]);
    segment(0xc4, &[0; 20]);
    segment(0xda, &[1, 1, 0, 0, 63, 0]);
    bytes.extend_from_slice(&[0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56, 0xff, 0xd9]);
    bytes
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png::SIGNATURE.to_vec();
    let mut chunk = |name: &[u8; 4], content: &[u8]| {
        bytes.extend_from_slice(&u32::try_from(content.len()).expect("short").to_be_bytes());
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(content);
        bytes.extend_from_slice(&[0; 4]);
    };
    let head: Vec<u8> = [width.to_be_bytes(), height.to_be_bytes()].concat().into_iter().chain([8, 2, 0, 0, 0]).collect();
    chunk(b"IHDR", &head);
    chunk(b"tEXt", b"Author\0Somebody");
    chunk(b"IDAT", &[1, 2, 3]);
    chunk(b"IEND", &[]);
    bytes
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

#[test]
fn pictures_lose_what_they_tell_about_their_maker() {
    let photo = jpeg(6);
    let kept = accept(&[&photo[..], b"PK\x03\x04 something behind its end"].concat()).expect("a photo");
    assert_eq!(kept.kind, FileKind::Jpeg);
    for gone in ["GPS", "taken at home", "something behind"] {
        assert!(!has(&kept.bytes, gone), "{gone}");
    }
    assert!(has(&kept.bytes, "JFIF") && has(&kept.bytes, "Exif"), "which way up it is stays");
    assert_eq!(accept(&kept.bytes).expect("again").bytes, kept.bytes, "nothing more to take away");
    assert!(!has(&accept(&jpeg(1)).expect("a photo").bytes, "Exif"));
    let shot = accept(&png(10, 10)).expect("a screenshot");
    assert!(shot.kind == FileKind::Png && !has(&shot.bytes, "Somebody"));
}

#[test]
fn whatever_else_is_refused_in_words() {
    let bomb = png(60_000, 60_000);
    let cases: [(&[u8], Unfit); 12] = [
        (b"", Unfit::Empty),
        (&vec![0xff; 7 * 1024 * 1024 + 1], Unfit::TooLarge),
        (b"MZ\x90\0this is a program", Unfit::OtherKind),
        (b"PK\x03\x04photo.jpg", Unfit::OtherKind),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", Unfit::OtherKind),
        (b"GIF89a", Unfit::OtherKind),
        (&bomb, Unfit::TooManyPixels),
        (&jpeg(1)[..60], Unfit::Broken),
        (b"\xff\xd8\xff\xd9", Unfit::Broken),
        (b"%PDF-1.7 no end", Unfit::Broken),
        (b"%PDF-1.7 1 0 obj <</S /JavaScript /JS (app.alert(1))>> %%EOF", Unfit::Active),
        (b"%PDF-1.7 <</Type /EmbeddedFile>> %%EOF", Unfit::Active),
    ];
    for (bytes, expected) in cases {
        let refused = accept(bytes).expect_err("refused");
        assert_eq!(refused, expected);
        for language in [Language::English, Language::Swedish, Language::German] {
            assert!(refused.text(language).len() > 20);
        }
    }
    assert!(accept(b"%PDF-1.4 <</JSON /x>> trailer %%EOF\n").is_ok());
    assert!(
        accept(b"%PDF-1.4 1 0 obj <</Length 9>>\nstream\nab/JS cd\nendstream endobj trailer %%EOF\n").is_ok(),
        "packed data says anything"
    );
    let behind = b"%PDF-1.4 1 0 obj <</Length 9>>\nstream\nabcd\nendstream endobj <</JS (x)>> %%EOF\n";
    assert_eq!(accept(behind), Err(Unfit::Active));
    assert_eq!(accept(b"%PDF-1.4 <<>>\nstream\nno end %%EOF\n"), Err(Unfit::Broken));
}

#[test]
fn names_are_only_text() {
    for (name, expected) in [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\broken hinge.png", "broken hinge.png"),
        ("invoice\u{202e}gpj.exe", "invoicegpj.exe"),
        ("<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"),
        ("...", "file"),
        ("", "file"),
        ("a\0b\n.pdf", "ab.pdf"),
    ] {
        assert_eq!(plain_name(name), expected);
    }
    assert_eq!(plain_name(&"x".repeat(500)).len(), 100);
}

proptest! {
    #[test]
    fn no_bytes_break_it(mut bytes in prop::collection::vec(any::<u8>(), 0..400), start in 0usize..4) {
        let starts: [&[u8]; 4] = [b"", &[0xff, 0xd8, 0xff], png::SIGNATURE, b"%PDF-1.7"];
        let mut whole = starts[start].to_vec();
        whole.append(&mut bytes);
        if let Ok(kept) = accept(&whole) {
            prop_assert!(kept.bytes.len() <= whole.len() + 36);
        }
    }

    #[test]
    fn a_picture_that_is_damaged_anywhere_never_breaks_it(at in 0usize..200, byte in any::<u8>(), cut in 0usize..250) {
        for mut bytes in [jpeg(6), png(9, 9)] {
            let place = at % bytes.len();
            bytes[place] = byte;
            bytes.truncate(cut.max(3));
            let _ = accept(&bytes);
        }
    }
}
