//! Files that customers hand in for a dispute: what may be taken, told by content and never by name, and what is left of a picture
//! once its metadata is gone. Pure: bytes in, bytes or a refusal in words out.

mod jpeg;
mod pdf;
mod png;

use super::language::Language;

/// Most files for one dispute. Klarna v4: 1 to 10.
pub const MOST_FILES: usize = 10;
/// Most bytes of a file. Klarna v4: 7 MB.
pub const MOST_BYTES: u64 = 7 * 1024 * 1024;
/// Most pixels of a picture: a small file that unfolds into more is a bomb. Our figure.
pub const MOST_PIXELS: u64 = 100_000_000;
/// Most characters of a file's name that are kept.
const MOST_NAME: usize = 100;

/// What a file is, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A photo.
    Jpeg,
    /// A screenshot.
    Png,
    /// A document.
    Pdf,
}

impl FileKind {
    /// The media type.
    pub fn mime(self) -> &'static str {
        match self {
            FileKind::Jpeg => "image/jpeg",
            FileKind::Png => "image/png",
            FileKind::Pdf => "application/pdf",
        }
    }

    /// What it is as evidence.
    pub fn sort(self) -> &'static str {
        match self {
            FileKind::Jpeg | FileKind::Png => "photo",
            FileKind::Pdf => "document",
        }
    }
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Nothing in it.
    Empty,
    /// Above the limit.
    TooLarge,
    /// Neither JPEG, PNG nor PDF.
    OtherKind,
    /// It begins like one of them and is broken or cut off.
    Broken,
    /// A picture with far too many pixels.
    TooManyPixels,
    /// A document that carries programs or other files.
    Active,
    /// The scanner found something.
    Infected,
    /// The dispute has enough files.
    TooMany,
}

impl Unfit {
    /// Short code.
    pub fn code(self) -> &'static str {
        match self {
            Unfit::Empty => "empty",
            Unfit::TooLarge => "too_large",
            Unfit::OtherKind => "other_kind",
            Unfit::Broken => "broken",
            Unfit::TooManyPixels => "too_many_pixels",
            Unfit::Active => "active",
            Unfit::Infected => "infected",
            Unfit::TooMany => "too_many",
        }
    }

    /// The sentence for the customer.
    pub fn text(self, language: Language) -> &'static str {
        let (english, swedish, german) = match self {
            Unfit::Empty => (
                "This file is empty. Please choose it again.",
                "Filen är tom. Välj den igen.",
                "Diese Datei ist leer. Bitte wähle sie noch einmal aus.",
            ),
            Unfit::TooLarge => (
                "This file is larger than 7 MB. Please send a smaller photo or fewer pages.",
                "Filen är större än 7 MB. Skicka ett mindre foto eller färre sidor.",
                "Diese Datei ist größer als 7 MB. Bitte schick ein kleineres Foto oder weniger Seiten.",
            ),
            Unfit::OtherKind => (
                "I can take JPEG and PNG pictures and PDF documents. This file is something else, whatever its name says.",
                "Jag kan ta emot JPEG- och PNG-bilder och PDF-dokument. Den här filen är något annat, vad namnet än säger.",
                "Ich kann JPEG- und PNG-Bilder und PDF-Dokumente annehmen. Diese Datei ist etwas anderes, was auch immer ihr Name sagt.",
            ),
            Unfit::Broken => (
                "This file is damaged or not complete. Please take the photo or save the document again.",
                "Filen är skadad eller inte hel. Ta fotot eller spara dokumentet igen.",
                "Diese Datei ist beschädigt oder unvollständig. Bitte mach das Foto oder speichere das Dokument noch einmal.",
            ),
            Unfit::TooManyPixels => (
                "This picture is too large to be opened safely. Please send a smaller one.",
                "Bilden är för stor för att öppnas säkert. Skicka en mindre.",
                "Dieses Bild ist zu groß, um es sicher zu öffnen. Bitte schick ein kleineres.",
            ),
            Unfit::Active => (
                "This document carries programs or other files inside. Please print it to a new PDF and send that.",
                "Dokumentet innehåller program eller andra filer. Skriv ut det till en ny PDF och skicka den.",
                "Dieses Dokument enthält Programme oder andere Dateien. Bitte druck es in eine neue PDF-Datei und schick diese.",
            ),
            Unfit::Infected => (
                "Our scanner found something harmful in this file, so it was not kept.",
                "Vår skanner hittade något skadligt i filen, så den sparades inte.",
                "Unser Scanner hat in dieser Datei etwas Schädliches gefunden, deshalb wurde sie nicht behalten.",
            ),
            Unfit::TooMany => (
                "This case has ten files already, and no more fit. A colleague can look at what is there.",
                "Ärendet har redan tio filer, och fler får inte plats. En kollega kan titta på det som finns.",
                "Dieser Fall hat schon zehn Dateien, mehr passen nicht. Eine Kollegin oder ein Kollege kann sich ansehen, was da ist.",
            ),
        };
        language.pick(english, swedish, german)
    }
}

/// What is kept of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What it is.
    pub kind: FileKind,
    /// Its bytes; a picture's without metadata, but with the way it is turned.
    pub bytes: Vec<u8>,
}

/// Looks at a whole file.
///
/// # Errors
/// Why it is not taken.
pub fn accept(bytes: &[u8]) -> Result<Kept, Unfit> {
    if bytes.is_empty() {
        return Err(Unfit::Empty);
    }
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Unfit::TooLarge);
    }
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return jpeg::strip(bytes).map(|bytes| Kept { kind: FileKind::Jpeg, bytes });
    }
    if bytes.starts_with(png::SIGNATURE) {
        return png::strip(bytes).map(|bytes| Kept { kind: FileKind::Png, bytes });
    }
    if bytes.starts_with(b"%PDF-") {
        return pdf::check(bytes).map(|()| Kept { kind: FileKind::Pdf, bytes: bytes.to_vec() });
    }
    Err(Unfit::OtherKind)
}

/// A file's name as text: without its path, without characters that cannot be seen or that turn the writing around.
pub fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden =
        |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let clean: String = last.chars().filter(|c| !hidden(*c)).take(MOST_NAME).collect();
    let clean = clean.trim().trim_start_matches('.').to_owned();
    if clean.is_empty() { "file".to_owned() } else { clean }
}

/// Whether a picture's size can be opened safely.
fn fits(width: u64, height: u64) -> Result<(), Unfit> {
    match width.checked_mul(height) {
        Some(0) => Err(Unfit::Broken),
        Some(pixels) if pixels <= MOST_PIXELS => Ok(()),
        _ => Err(Unfit::TooManyPixels),
    }
}

#[cfg(test)]
mod tests;
