//! temporary
use clap::Parser;
#[derive(Parser)]
enum C { Scan(skillgate_scanner::cli::scan::ScanArgs), Doctor(skillgate_scanner::cli::doctor::DoctorArgs) }
#[tokio::main]
async fn main() -> std::process::ExitCode {
    match C::parse() { C::Scan(a) => skillgate_scanner::cli::scan::run(a).await, C::Doctor(a) => skillgate_scanner::cli::doctor::run(a).await }
}
