//! The numbers in docs/detection.md are those of the rules in this tree.

use crate::harness::{scanner_binary, tools, workspace};
use xtask::{
    detection::{
        command::section_of_samples,
        page::{self, RULE_PACK, Section},
        scan::Scanner,
    },
    ui::Ui,
};

/// Says what to do, since the numbers alone do not.
const HOW: &str = "docs/detection.md says otherwise: run `cargo xtask detection --update` and say why in the commit";

#[test]
fn the_tables_of_the_samples_are_those_of_the_page() {
    let scanner =
        Scanner { binary: scanner_binary(), tools: tools().scanner.clone(), on_one_core: false };
    let found = section_of_samples(&Ui::silent(), &workspace(), &scanner).unwrap();
    let page = page::section(&workspace(), Section::Samples).unwrap();
    assert!(page == found, "{HOW}. The tables are:\n\n{found}");
}

/// Packages and time are measured by hand: no test may need the network or a quiet machine. A section is empty until then.
#[test]
fn what_is_measured_by_hand_names_its_rule_pack() {
    for section in [Section::Packages, Section::Time] {
        let text = page::section(&workspace(), section).unwrap();
        if text.is_empty() {
            continue;
        }
        let version = text.strip_prefix(RULE_PACK).expect("it begins with the rule pack");
        let version = version.split([',', ' ']).next().unwrap().trim_end_matches('.');
        let numbers: Vec<_> = version.split('.').map(str::parse::<u32>).collect();
        assert!(numbers.len() == 3 && numbers.iter().all(Result::is_ok), "{section:?}: {version}");
    }
}
