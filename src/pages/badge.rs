//! Badges: two words in two boxes, as SVG and in the form that shields.io reads.

use crate::domain::badge::Standing;
use maud::{Markup, html};
use serde::Serialize;

/// The colours of the left half.
const LABEL: Paint = Paint { ground: "#1F2937", ink: "#FFFFFF" };
/// Dark ink on green and red: white on these two is too pale to read.
const GREEN: Paint = Paint { ground: "#10B981", ink: "#0B1220" };
const RED: Paint = Paint { ground: "#EF4444", ink: "#0B1220" };
const GREY: Paint = Paint { ground: "#6B7280", ink: "#FFFFFF" };

/// On either side of a text, in pixels.
const PADDING: u32 = 6;
const FONT: &str = "Verdana,Geneva,DejaVu Sans,sans-serif";

/// Widths of the characters from space to `~` in Verdana at 11 pixels, in tenths of a pixel.
const WIDTHS: [u8; 95] = [
    39, 43, 51, 90, 70, 118, 80, 30, 50, 50, 70, 90, 40, 50, 40, 50, 70, 70, 70, 70, 70, 70, 70,
    70, 70, 70, 50, 50, 90, 90, 90, 60, 110, 75, 75, 77, 85, 70, 63, 85, 83, 46, 50, 76, 61, 93,
    82, 87, 66, 87, 77, 75, 68, 81, 75, 109, 75, 68, 75, 50, 50, 50, 90, 70, 70, 66, 69, 57, 69,
    66, 39, 69, 70, 30, 38, 65, 30, 107, 70, 67, 69, 69, 47, 57, 43, 70, 65, 90, 65, 65, 58, 70,
    50, 70, 90,
];
/// Of any other character: as wide as the widest.
const WIDEST: u32 = 118;

struct Paint {
    ground: &'static str,
    ink: &'static str,
}

const fn paint(standing: Standing) -> Paint {
    match standing {
        Standing::Pass => GREEN,
        Standing::Fail => RED,
        Standing::Pending
        | Standing::Outdated
        | Standing::Blocked
        | Standing::Without(_)
        | Standing::Ambiguous
        | Standing::Unknown => GREY,
    }
}

/// A text's width in pixels, rounded up.
fn width(text: &str) -> u32 {
    let of = |c: char| {
        let at = u32::from(c).checked_sub(32).and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| WIDTHS.get(at)).map_or(WIDEST, |w| u32::from(*w))
    };
    text.chars().map(of).sum::<u32>().div_ceil(10)
}

/// The image. Each text is stretched to the width that was computed for it, so that it fits its box
/// in whatever font there is. Elements have end tags, since an image is XML and not HTML.
pub(crate) fn svg(label: &str, standing: Standing) -> Markup {
    let message = standing.as_str();
    let Paint { ground, ink } = paint(standing);
    let (left, right) = (width(label) + 2 * PADDING, width(message) + 2 * PADDING);
    let all = left + right;
    html! {
        svg xmlns="http://www.w3.org/2000/svg" width=(all) height="20" viewBox={ "0 0 " (all) " 20" }
            role="img" aria-label={ (label) ": " (message) } {
            title { (label) ": " (message) }
            clipPath id="r" { rect width=(all) height="20" rx="3" {} }
            g clip-path="url(#r)" {
                rect width=(left) height="20" fill=(LABEL.ground) {}
                rect x=(left) width=(right) height="20" fill=(ground) {}
            }
            g font-family=(FONT) font-size="11" {
                text x=(PADDING) y="14" fill=(LABEL.ink) textLength=(left - 2 * PADDING) { (label) }
                text x=(left + PADDING) y="14" fill=(ink) textLength=(right - 2 * PADDING) { (message) }
            }
        }
    }
}

/// What shields.io reads of an endpoint.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shield {
    schema_version: u32,
    label: &'static str,
    message: &'static str,
    color: &'static str,
    is_error: bool,
}

/// The badge as shields.io would draw it.
pub(crate) fn shield(label: &'static str, standing: Standing) -> Shield {
    Shield {
        schema_version: 1,
        label,
        message: standing.as_str(),
        color: paint(standing).ground,
        is_error: standing == Standing::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, as WCAG 2 defines it.
    fn luminance(color: &str) -> f64 {
        let part = |at: usize| {
            let value =
                f64::from(u8::from_str_radix(color.get(at..at + 2).unwrap(), 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    #[test]
    fn every_text_stands_out_from_its_ground() {
        for Paint { ground, ink } in [LABEL, GREEN, RED, GREY] {
            let (a, b) = (luminance(ground) + 0.05, luminance(ink) + 0.05);
            let contrast = f64::max(a, b) / f64::min(a, b);
            assert!(contrast >= 4.5, "{ink} on {ground}: {contrast}");
        }
    }

    #[test]
    fn a_box_is_as_wide_as_its_text_and_hostile_text_is_only_text() {
        assert_eq!(width("PASS"), 30);
        assert_eq!(width(""), 0);
        assert_eq!(width("\u{1f512}\u{7f}"), 24);
        assert!(width("TIMED OUT") > width("PASS"));
        let svg = svg("</text><script>\"&'", Standing::Unknown).into_string();
        assert!(!svg.contains("<script"), "{svg}");
        assert!(svg.contains("&lt;/text&gt;&lt;script&gt;&quot;&amp;"), "{svg}");
        let long = self::svg(&"W".repeat(200), Standing::Without("INCOMPLETE")).into_string();
        let (left, right) = (width(&"W".repeat(200)) + 12, width("INCOMPLETE") + 12);
        assert!(long.contains(&format!(" width=\"{}\"", left + right)), "{long}");
    }
}
