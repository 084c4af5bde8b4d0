//! Text from outside inside Markdown.

use crate::render::words::clean;

/// The text as code that nothing in it can end: no table, no link, no mention, no markup comes of it. Nothing for no
/// text.
pub(super) fn code(text: &str) -> String {
    let text = clean(text);
    if text.trim().is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let gap = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    // In a table a bar divides cells even inside code; there, and only there, a backslash before it is taken away.
    format!("{fence}{gap}{}{gap}{fence}", text.replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_code() {
        for (text, shown) in [
            ("Pro", "`Pro`"),
            ("", ""),
            ("a`b", "``a`b``"),
            ("``x", "``` ``x ```"),
            ("a | b", "`a \\| b`"),
            ("x\n# y", "`x\\n# y`"),
            ("@team [x](javascript:0) <img>", "`@team [x](javascript:0) <img>`"),
        ] {
            assert_eq!(code(text), shown);
        }
    }
}
