//! Compares our verdict on a folder of certificates with the recorded verdict of Go.
//!
//! `go_parity VERDICTS FOLDER` reads `VERDICTS`, a JSON list of `{file, go_accepts}`, and the files
//! that it names in `FOLDER`: the first `CERTIFICATE` block of each, or the whole file if it has
//! none. Prints each difference and how many verdicts are equal; fails if any differs.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use serde_json::Value;
use talos_pki::pki::{Certificate, pem};

type Failure = Box<dyn std::error::Error>;

#[expect(clippy::print_stdout, reason = "a program that reports to a person")]
fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let [verdicts, folder] = arguments.as_slice() else {
        return Err("usage: go_parity VERDICTS FOLDER".into());
    };
    let verdicts: Value = serde_json::from_slice(&fs::read(verdicts)?)?;
    let verdicts = verdicts.as_array().ok_or("the verdicts are no list")?;
    let mut equal = 0;
    for verdict in verdicts {
        let file = verdict["file"].as_str().ok_or("a verdict names no file")?;
        let go_accepts = verdict["go_accepts"]
            .as_bool()
            .ok_or("a verdict is missing")?;
        let refusal = refusal(&fs::read(Path::new(folder).join(file))?);
        match refusal {
            Some(refusal) if go_accepts => println!("{file}: Go accepts it, but {refusal}"),
            None if !go_accepts => println!("{file}: Go refuses it: {}", verdict["error"]),
            _ => equal += 1,
        }
    }
    println!("{equal} of {} verdicts equal", verdicts.len());
    Ok(if equal == verdicts.len() && equal > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Why the certificate in `file` is not accepted, if so: by the parser or by the rule `go-refuses`.
fn refusal(file: &[u8]) -> Option<String> {
    let blocks = pem::read(file).blocks;
    let block = blocks.iter().find(|block| block.label == "CERTIFICATE");
    let der = block.map_or(file, |block| block.contents.expose());
    match Certificate::from_der(der) {
        Ok(certificate) => certificate.go_refusal.map(|refusal| refusal.to_string()),
        Err(error) => Some(error.to_string()),
    }
}
