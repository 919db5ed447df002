//! The sample of 2022 inside the program, so that it can be looked at from any folder.

use std::path::{Path, PathBuf};

use crate::catalog::{Pack, PackError};

/// Where the shipped configuration looks for the sample, relative to its folder.
const FOLDER: &str = "samples/bac-giang-2022";

macro_rules! sample {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../samples/bac-giang-2022/", $name)))),*]
    };
}

/// Who is there, what is measured, what was demanded in 2022.
const CATALOG: [(&str, &str); 6] =
    sample!["units.csv", "contacts.csv", "indicators.toml", "targets.toml", "sender.toml", "calendar.toml"];

/// The figures, and the services that they speak of.
const FIGURES: [(&str, &str); 2] = sample!["services.csv", "figures.csv"];

/// Writes the sample below `folder`, where the shipped configuration expects it. Returns the folder of the sample.
///
/// # Errors
/// A file that cannot be written.
pub fn unpack(folder: &Path) -> std::io::Result<PathBuf> {
    let target = folder.join(FOLDER);
    std::fs::create_dir_all(&target)?;
    for (name, text) in CATALOG.into_iter().chain(FIGURES) {
        std::fs::write(target.join(name), text)?;
    }
    Ok(target)
}

/// The pack of the sample.
///
/// # Errors
/// Never, as long as its test passes.
pub fn pack() -> Result<Pack, PackError> {
    Pack::from_files(&CATALOG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_a_pack_of_238_addressees() {
        let pack = pack().unwrap();
        assert_eq!(pack.contacts.iter().filter(|contact| contact.office == crate::catalog::Office::Head).count(), 238);
    }
}
