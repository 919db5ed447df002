//! The sample of 2022 inside the program, so that `demo` works from any folder.

use std::path::{Path, PathBuf};

use super::exit::{Code, Failure};

/// Where the shipped configuration looks for the sample, relative to its folder.
const FOLDER: &str = "samples/bac-giang-2022";

macro_rules! sample {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../samples/bac-giang-2022/", $name)))),*]
    };
}

const FILES: [(&str, &str); 8] = sample![
    "units.csv",
    "contacts.csv",
    "indicators.toml",
    "targets.toml",
    "sender.toml",
    "calendar.toml",
    "services.csv",
    "figures.csv",
];

/// Writes the sample below `folder`, where the shipped configuration expects it.
pub(super) fn unpack(folder: &Path) -> Result<PathBuf, Failure> {
    let target = folder.join(FOLDER);
    let failed =
        |error: std::io::Error| Failure::new(Code::Unexpected, format!("cannot write `{}`: {error}", target.display()));
    std::fs::create_dir_all(&target).map_err(failed)?;
    for (name, text) in FILES {
        std::fs::write(target.join(name), text).map_err(failed)?;
    }
    Ok(target)
}
