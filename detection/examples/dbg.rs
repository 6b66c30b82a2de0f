use skillgate_detection::{Limits, code, script, shell};
fn main() {
    for f in std::env::args().skip(1) {
        let list: Vec<_> = if std::path::Path::new(&f).is_dir() {
            let mut v = vec![];
            walk(std::path::Path::new(&f), &mut v);
            v
        } else {
            vec![std::path::PathBuf::from(&f)]
        };
        let texts: Vec<(String, String)> = list
            .iter()
            .filter_map(|p| {
                Some((p.to_string_lossy().into_owned(), std::fs::read_to_string(p).ok()?))
            })
            .collect();
        let d = |p: &str| match p.rsplit('.').next().unwrap() {
            "js" | "mjs" | "ts" | "cjs" | "tsx" => Some(code::Dialect::JavaScript),
            "py" => Some(code::Dialect::Python),
            _ => None,
        };
        for (p, t) in &texts {
            let found = if let Some(d) = d(p) {
                code::chains(t, d, shell::Start::Asked, &mut code::LIMITS.clone())
            } else if p.ends_with(".sh") {
                shell::chains(t, shell::Start::Asked, &mut Limits::default())
            } else if let Some(d) = script::Dialect::of_extension(p.rsplit('.').next().unwrap()) {
                script::chains(t, d, shell::Start::Asked, &mut Limits::default())
            } else {
                vec![]
            };
            for c in found {
                println!("{p}: {:?} {:?}", c.rule, c.steps);
            }
        }
        let files: Vec<_> = texts
            .iter()
            .filter(|(p, _)| !p.ends_with(".sh"))
            .map(|(p, t)| code::SkillFile {
                path: p.trim_start_matches(&f).trim_start_matches('/'),
                text: t,
                dialect: d(p),
            })
            .collect();
        let mut l = code::LINKED_LIMITS;
        for c in code::linked(&files, &mut l) {
            println!("linked {}: {:?} {:?}", files[c.file].path, c.chain.rule, c.chain.steps);
        }
    }
}
fn walk(p: &std::path::Path, v: &mut Vec<std::path::PathBuf>) {
    for e in std::fs::read_dir(p).unwrap() {
        let q = e.unwrap().path();
        if q.ends_with(".git") {
            continue;
        }
        if q.is_dir() { walk(&q, v) } else { v.push(q) }
    }
}
