//! Programs that print, change, copy or filter data on this machine.

use super::{builtin, command::Call, flow::Flow, options::part};
use crate::{
    secret,
    value::{Source, Value},
};

/// Programs that print what they read, as it is or in another encoding.
const PASSING: [&str; 37] = [
    "fold", "paste", "nl", "hexdump", "hd", "base32", "basenc", "lz4", "lzma", "brotli", "pigz",
    "fmt", "gunzip", "zcat", "bunzip2", "unxz", "iconv", "pv", "cat", "tee", "sort", "uniq", "tr",
    "jq", "gzip", "bzip2", "xz", "zstd", "tac", "od", "xxd", "base64", "openssl", "uuencode",
    "tar", "zip", "rev",
];
/// Programs that print a part of what they read.
const FILTERING: [&str; 8] = ["grep", "egrep", "fgrep", "sed", "cut", "head", "tail", "strings"];

impl Flow {
    pub(super) fn builtin(&mut self, name: &str, call: Call<'_>) -> Value {
        let Call { words, input, line, .. } = call;
        match name {
            "echo" => builtin::echo(words),
            "printf" => builtin::printf(words),
            "printenv" if words.is_empty() => self.environment(line),
            "export" | "local" | "declare" | "typeset" | "readonly" => {
                if words.iter().all(|word| word.text.starts_with('-')) {
                    return self.environment(line);
                }
                for word in words {
                    if let Some((name, value)) = word.text.split_once('=') {
                        let value = word.with_text(value);
                        self.variables.insert(name.to_owned(), value);
                    }
                }
                Value::default()
            }
            "set" if words.is_empty() => self.environment(line),
            "alias" => {
                for word in words {
                    if let Some((name, code)) = word.text.split_once('=') {
                        if !code.contains(['|', ';', '&', '$', '`', '<', '>', '\'', '"', '(']) {
                            let words = code.split_whitespace().map(Value::literal).collect();
                            self.aliases.insert(name.to_owned(), words);
                            continue;
                        }
                        let (body, whole) = super::parser::parse(code, line, self.limits.depth);
                        self.limits.too_deep |= !whole;
                        self.functions.insert(name.to_owned(), body.into());
                    }
                }
                Value::default()
            }
            "trap" => {
                let detached = std::mem::replace(&mut self.detached, true);
                for code in words.iter().take(1) {
                    self.run_content(code, line, "trap");
                }
                self.detached = detached;
                Value::default()
            }
            "read" | "mapfile" | "readarray" => {
                let names = words.iter().filter(|word| !word.text.starts_with('-'));
                // One variable for one line holds that line.
                let alone = name == "read" && names.clone().count() == 1;
                let line = Some(input.text.trim()).filter(|text| alone && !text.contains('\n'));
                for word in names {
                    let value = line.map_or_else(|| input.changed(), |line| input.with_text(line));
                    self.variables.insert(word.text.clone(), value);
                }
                Value::default()
            }
            "crontab" => {
                let content = match words.last().filter(|word| word.text != "-") {
                    Some(file) => self.read(file, line),
                    None => input.clone(),
                };
                self.written(&Value::literal("/crontab"), &content, line);
                Value::default()
            }
            "touch" | "chattr" => {
                let sets = |word: &Value| {
                    let text = word.text.as_str();
                    match name {
                        "touch" => ["-d", "-r", "-t", "--date", "--reference"]
                            .iter()
                            .any(|option| text.starts_with(option)),
                        _ => text.starts_with('+') && text.contains('i'),
                    }
                };
                let how = match name {
                    "touch" => "and sets the time of the file back",
                    _ => "and keeps the file from being changed",
                };
                if words.iter().any(sets) {
                    for word in words {
                        self.covered_up(&word.text, how, line);
                    }
                }
                Value::default()
            }
            "mktemp" => self.temporary(Value::default()),
            "chmod" => {
                let executable =
                    words.first().is_some_and(|mode| builtin::makes_executable(&mode.text));
                for file in words.iter().skip(1).filter(|_| executable) {
                    let content = self.read(file, line);
                    self.made_executable(&content, line);
                }
                Value::default()
            }
            "cp" | "mv" | "ln" | "install" => {
                let files: Vec<_> =
                    words.iter().filter(|word| !word.text.starts_with('-')).collect();
                if let [from, .., to] = files.as_slice() {
                    let content = self.read(from, line);
                    if !content.origins.is_empty() || self.knows(&from.text) {
                        self.written(to, &content, line);
                    }
                }
                Value::default()
            }
            name if PASSING.contains(&name) => self.passing(name, call),
            "awk" | "gawk" | "mawk" | "nawk" => self.awk(call),
            name if FILTERING.contains(&name) => self.filtering(name, call),
            _ => Value::unknown(),
        }
    }

    pub(super) fn passing(&mut self, name: &str, call: Call<'_>) -> Value {
        let Call { words, input, line, .. } = call;
        if name == "tee" {
            for file in words.iter().filter(|word| !word.text.starts_with('-')) {
                self.written(file, input, line);
            }
            return input.clone();
        }
        let parted =
            part(words, &["C", "exclude", "T", "S", "A", "iter", "pass", "k", "K", "iv", "w"]);
        let mut data = Value::default();
        let reads_files = !matches!(name, "tr" | "openssl");
        // `tar -C FOLDER NAME` reads below the folder.
        let below = parted.values(&["C", "directory"]).last().filter(|_| name == "tar").cloned();
        for file in parted.operands.iter().filter(|_| reads_files) {
            let inside = below.as_ref().filter(|_| !file.text.starts_with(['/', '~']));
            let file = match inside {
                Some(folder) => &file.with_text(format!("{}/{}", folder.text, file.text)),
                None => *file,
            };
            if self.holds(&file.text) {
                let content = self.read(file, line);
                data.append(&content, self.limits.value_bytes);
            }
        }
        for file in parted.values(&["in"]) {
            let content = self.read(file, line);
            data.append(&content, self.limits.value_bytes);
        }
        if data == Value::default() {
            data = input.clone();
        }
        if name == "tar" && words.iter().any(builtin::extracts) {
            self.unpacked(words, input, line);
        }
        if let ("tar" | "zip", Some(archive)) = (name, builtin::archive(name, words)) {
            let packed = data.changed();
            self.written(&archive, &packed, line);
            return packed;
        }
        builtin::transformed(name, words, &data, line)
    }

    /// A program of awk, which filters what it reads.
    fn awk(&mut self, call: Call<'_>) -> Value {
        let parted = part(call.words, &["f", "v", "F", "file", "assign"]);
        if let Some(program) = parted.operands.first().filter(|_| !parted.has(&["f", "file"])) {
            self.program("awk", program, call.line);
        }
        self.filtering("awk", call)
    }

    /// Whether something is known of what a file holds.
    fn holds(&self, path: &str) -> bool {
        secret::kind(path).is_some() || self.knows(path)
    }

    /// A filter drops most of the environment, unless it looks for keys.
    pub(super) fn filtering(&mut self, name: &str, call: Call<'_>) -> Value {
        let Call { words, input, line, .. } = call;
        let mut data = input.changed();
        for file in words {
            if self.holds(&file.text) {
                let content = self.read(file, line).changed();
                data.append(&content, self.limits.value_bytes);
            }
        }
        /// What a pattern of sed takes that stands behind a name, and does not put in again.
        const REST: [&str; 3] = ["=.*/", "=.*|", "=.*#"];
        // `grep -v TOKEN` and `sed 's/TOKEN=.*/TOKEN=x/'` take keys out.
        let inverts = match name {
            "grep" | "egrep" | "fgrep" | "rg" => words
                .iter()
                .take_while(|word| word.text.starts_with('-') && word.text != "--")
                .any(|word| {
                    let text = word.text.as_str();
                    text == "--invert-match" || !text.starts_with("--") && text.contains('v')
                }),
            "sed" | "gsed" => words.iter().any(|word| {
                let text = word.text.as_str();
                text.starts_with('s')
                    && secret::looks_for_secrets(text)
                    && REST.iter().any(|rest| text.contains(rest))
            }),
            _ => false,
        };
        if inverts || !words.iter().any(|word| secret::looks_for_secrets(&word.text)) {
            data.origins.retain(|origin| origin.source != Source::Environment);
        }
        builtin::one_field(&mut data);
        data
    }
}
