//! The faces at hand and, for each character, the one that prints it.
//!
//! Noto Sans (Latin, Greek, Cyrillic, Vietnamese) is part of the program. Faces for Chinese,
//! Japanese and Korean are too large for that: they are looked for once, in the configured folder
//! or on the system, and opened when first needed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::DocumentError;
use super::face::{Face, FontFile, Tables, is_variable};
use super::text::Region;

/// Roman weight of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// Index of a face in [`Fonts`].
pub(super) type FaceId = usize;

/// All faces, and the order in which they are asked for a character.
#[derive(Debug)]
pub(super) struct Fonts {
    faces: Vec<Face>,
    orders: BTreeMap<(Weight, Region), Vec<FaceId>>,
    has_cjk: bool,
}

/// A face found outside the program.
struct Found {
    path: PathBuf,
    index: u32,
    name: String,
    weight: u16,
    kind: Kind,
}

/// How good a face is, best first; the derived order is the fallback order within a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Cjk { rank: usize, region: Region },
    Other,
}

/// Families that tell their region by the last word, best first.
const REGIONAL_FAMILIES: [&str; 6] = [
    "Noto Sans CJK",
    "Noto Sans",
    "Source Han Sans",
    "Noto Serif CJK",
    "Noto Serif",
    "Source Han Serif",
];

/// Families that serve one region. The list is an order of preference within each.
const SINGLE_FAMILIES: [(&str, Region); 22] = [
    ("Hiragino Sans", Region::Japan),
    ("Yu Gothic", Region::Japan),
    ("IPAexGothic", Region::Japan),
    ("IPAGothic", Region::Japan),
    ("TakaoGothic", Region::Japan),
    ("VL Gothic", Region::Japan),
    ("MS Gothic", Region::Japan),
    ("Apple SD Gothic Neo", Region::Korea),
    ("Malgun Gothic", Region::Korea),
    ("NanumGothic", Region::Korea),
    ("UnDotum", Region::Korea),
    ("PingFang SC", Region::China),
    ("Microsoft YaHei", Region::China),
    ("WenQuanYi Micro Hei", Region::China),
    ("WenQuanYi Zen Hei", Region::China),
    ("Droid Sans Fallback", Region::China),
    ("SimHei", Region::China),
    ("PingFang TC", Region::Taiwan),
    ("Microsoft JhengHei", Region::Taiwan),
    ("AR PL UMing TW", Region::Taiwan),
    ("PingFang HK", Region::HongKong),
    ("AR PL UMing HK", Region::HongKong),
];

/// Families asked last, for Armenian, Georgian and rare Latin.
const OTHER_FAMILIES: [&str; 4] =
    ["Noto Sans Armenian", "Noto Sans Georgian", "DejaVu Sans", "FreeSans"];

impl Fonts {
    /// Looks for faces in `folder`, or on the system where none is given.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn find(folder: Option<&Path>) -> Result<Self, DocumentError> {
        let mut database = fontdb::Database::new();
        match folder {
            Some(path) => {
                std::fs::read_dir(path).map_err(|source| DocumentError::FontsFolder {
                    path: path.to_owned(),
                    source,
                })?;
                database.load_fonts_dir(path);
            }
            None => database.load_system_fonts(),
        }
        let mut found: Vec<Found> =
            database.faces().filter_map(|info| found(&database, info, folder.is_some())).collect();
        // The order on disk must not decide which face is taken.
        found.sort_by(|a, b| (a.kind, &a.path, a.index).cmp(&(b.kind, &b.path, b.index)));
        Ok(Self::with(found))
    }

    fn with(found: Vec<Found>) -> Self {
        let mut faces = vec![
            Face::embedded("NotoSans-Regular", notosans::REGULAR_TTF),
            Face::embedded("NotoSans-Bold", notosans::BOLD_TTF),
        ];
        let own = faces.len();
        let mut files: BTreeMap<PathBuf, Arc<FontFile>> = BTreeMap::new();
        for face in &found {
            let file = files
                .entry(face.path.clone())
                .or_insert_with(|| Arc::new(FontFile::new(face.path.clone())));
            faces.push(Face::in_file(face.name.clone(), Arc::clone(file), face.index));
        }
        let mut orders = BTreeMap::new();
        for weight in [Weight::Regular, Weight::Bold] {
            for region in Region::ALL {
                let mut order: Vec<usize> = (0..found.len()).collect();
                order.sort_by_key(|&at| preference(&found[at], weight, region));
                let noto = if weight == Weight::Regular { [0, 1] } else { [1, 0] };
                let order = noto.into_iter().chain(order.into_iter().map(|at| at + own));
                orders.insert((weight, region), order.collect());
            }
        }
        let has_cjk = found.iter().any(|face| face.kind != Kind::Other);
        Self { faces, orders, has_cjk }
    }

    pub fn face(&self, id: FaceId) -> &Face {
        &self.faces[id]
    }

    /// Whether any Chinese, Japanese or Korean face was found.
    pub fn has_cjk(&self) -> bool {
        self.has_cjk
    }

    /// The first face, in the order of `weight` and `region`, that holds the character.
    pub fn lookup(
        &self,
        character: char,
        weight: Weight,
        region: Region,
    ) -> Option<(FaceId, u16, &Tables)> {
        self.orders.get(&(weight, region))?.iter().find_map(|&id| {
            let tables = self.faces[id].tables()?;
            Some((id, tables.glyph(character)?, tables))
        })
    }
}

/// Smaller is better: the region asked for, then a better family, then a nearer weight.
fn preference(face: &Found, weight: Weight, region: Region) -> (usize, usize, u16) {
    let wanted: u16 = if weight == Weight::Bold { 700 } else { 400 };
    let off = face.weight.abs_diff(wanted);
    match face.kind {
        Kind::Cjk { rank, region: of } => (distance(of, region), rank, off),
        Kind::Other => (usize::MAX, 0, off),
    }
}

/// How far the character forms of two regions are apart.
fn distance(of: Region, wanted: Region) -> usize {
    use Region::{HongKong, Taiwan};
    match (of, wanted) {
        (a, b) if a == b => 0,
        (Taiwan, HongKong) | (HongKong, Taiwan) => 1,
        _ => 2,
    }
}

fn found(database: &fontdb::Database, info: &fontdb::FaceInfo, configured: bool) -> Option<Found> {
    let upright = info.style == fontdb::Style::Normal && info.stretch == fontdb::Stretch::Normal;
    if !upright || !(300..=800).contains(&info.weight.0) {
        return None;
    }
    let kind = info.families.iter().find_map(|(family, _)| cjk(family)).or_else(|| {
        let listed = info.families.iter().any(|(f, _)| OTHER_FAMILIES.contains(&f.as_str()));
        // Whoever fills a folder for this program wants its fonts used, whatever their names.
        (listed || configured).then_some(Kind::Other)
    })?;
    let fontdb::Source::File(path) = &info.source else { return None };
    if database.with_face_data(info.id, is_variable).unwrap_or(true) {
        return None;
    }
    Some(Found {
        path: path.clone(),
        index: info.index,
        name: info.post_script_name.clone(),
        weight: info.weight.0,
        kind,
    })
}

fn cjk(family: &str) -> Option<Kind> {
    for (rank, prefix) in REGIONAL_FAMILIES.iter().enumerate() {
        let region = match family.strip_prefix(prefix).map(str::trim) {
            Some("SC" | "CN" | "S") => Region::China,
            Some("TC" | "TW" | "T") => Region::Taiwan,
            Some("HK" | "HC") => Region::HongKong,
            Some("JP" | "J") => Region::Japan,
            Some("KR" | "K") => Region::Korea,
            // The plain Source Han families are the Japanese ones.
            Some("") if prefix.starts_with("Source Han") => Region::Japan,
            _ => continue,
        };
        return Some(Kind::Cjk { rank, region });
    }
    let rank = SINGLE_FAMILIES.iter().position(|(name, _)| *name == family)?;
    Some(Kind::Cjk { rank: REGIONAL_FAMILIES.len() + rank, region: SINGLE_FAMILIES[rank].1 })
}
