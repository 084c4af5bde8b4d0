//! Catalogs as people write them: every file another style, comments everywhere.

use pricebook::edit::{Place, quoted};
use serde_json::Value;

/// Chance that is the same every time.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % count as u64) as usize
    }

    pub(super) fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }
}

/// A file, and the comments in it with the path of what each belongs to.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) comments: Vec<(Vec<String>, String)>,
}

/// How a file is written.
pub(super) struct Style {
    dice: Dice,
    /// Every field on a line of its own, every line with a comment.
    plain: bool,
    indent: usize,
    out: Text,
}

/// Every field on a line of its own, with its path behind it.
pub(super) fn plain(catalog: &Value) -> Text {
    Style { dice: Dice(1), plain: true, indent: 2, out: Text::default() }.file(catalog)
}

/// Any style.
pub(super) fn any(catalog: &Value, seed: u64) -> Text {
    let mut dice = Dice(seed);
    let indent = [2, 2, 4, 3][dice.below(4)];
    let crlf = dice.chance(5);
    let mut text = Style { dice, plain: false, indent, out: Text::default() }.file(catalog);
    if crlf {
        text.text = text.text.replace('\n', "\r\n");
    }
    text
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

impl Style {
    fn file(mut self, catalog: &Value) -> Text {
        self.out.text.push_str("# the file\n\n");
        self.map(catalog, &[], 0);
        self.out
    }

    fn comment(&mut self, path: &[String], what: &str) -> String {
        let comment = format!("# {what} {}", path.join(" > "));
        self.out.comments.push((path.to_vec(), comment.clone()));
        comment
    }

    fn map(&mut self, value: &Value, path: &[String], column: usize) {
        for (key, value) in value.as_object().unwrap() {
            let path = [path, std::slice::from_ref(key)].concat();
            let pad = " ".repeat(column);
            if !self.plain && self.dice.chance(5) {
                self.out.text.push('\n');
            }
            if self.plain || self.dice.chance(4) {
                let comment = self.comment(&path, "above");
                self.out.text.push_str(&format!("{pad}{comment}\n"));
            }
            self.out.text.push_str(&format!("{pad}{}:", quoted(key, Place::Key)));
            self.value(value, &path, column);
        }
    }

    fn remark(&mut self, path: &[String]) {
        if self.plain || self.dice.chance(3) {
            let comment = self.comment(path, "beside");
            let gap = " ".repeat(1 + self.dice.below(3));
            self.out.text.push_str(&format!("{gap}{comment}"));
        }
        self.out.text.push('\n');
    }

    fn value(&mut self, value: &Value, path: &[String], column: usize) {
        match value {
            Value::Object(map) if !map.is_empty() && (self.plain || path.len() < 2 || self.dice.chance(2)) => {
                self.remark(path);
                self.map(value, path, column + self.indent);
            }
            Value::Array(items) if !items.is_empty() && !self.plain && self.dice.chance(2) => {
                self.remark(path);
                // The dash may stand under the key.
                let column = column + [0, self.indent][self.dice.below(2)];
                for item in items {
                    let text = self.flow(item, path, true);
                    self.out.text.push_str(&format!("{}- {text}\n", " ".repeat(column)));
                }
            }
            Value::String(text) if !self.plain && self.dice.chance(3) && is_block(text) => {
                self.out.text.push_str(if text.ends_with('\n') { " |" } else { " |-" });
                self.remark(path);
                for line in text.lines() {
                    self.out.text.push_str(&format!("{}{line}\n", " ".repeat(column + self.indent)));
                }
            }
            _ => {
                let text = self.flow(value, path, true);
                self.out.text.push_str(&format!(" {text}"));
                self.remark(path);
            }
        }
    }

    /// A value on one line.
    fn flow(&mut self, value: &Value, path: &[String], outside: bool) -> String {
        let place = if outside { Place::Block } else { Place::Flow };
        let (open, pad) = if self.dice.chance(3) { ("{", "") } else { ("{ ", " ") };
        match value {
            Value::Object(map) if map.is_empty() => "{}".into(),
            Value::Object(map) => {
                let parts: Vec<String> = map
                    .iter()
                    .map(|(key, value)| {
                        let path = [path, std::slice::from_ref(key)].concat();
                        format!("{}: {}", quoted(key, Place::Key), self.flow(value, &path, false))
                    })
                    .collect();
                format!("{open}{}{pad}}}", parts.join(", "))
            }
            Value::Array(items) => {
                let parts: Vec<String> = items.iter().map(|item| self.flow(item, path, false)).collect();
                format!("[{}]", parts.join(", "))
            }
            Value::String(text) => {
                let free = !path.iter().any(|key| key == "metadata" || key == "entitlements")
                    && !path.last().is_some_and(|key| key.contains("name") || key == "description");
                match self.dice.below(4) {
                    0 if !text.chars().any(char::is_control) => format!("'{}'", text.replace('\'', "''")),
                    1 => serde_json::to_string(text).unwrap(),
                    _ if free && is_number(text) => text.clone(),
                    _ => quoted(text, place),
                }
            }
            other => other.to_string(),
        }
    }
}

/// Whether it can be written as a block of text.
fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    !body.is_empty()
        && !text.chars().any(|c| c.is_control() && c != '\n')
        && !body.starts_with([' ', '\n'])
        && !body.ends_with(['\n', ' '])
}
