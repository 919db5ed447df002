//! Ids that lie beside their neighbours.

use uuid::Uuid;

/// The id of `key`: the same key has the same id, on every machine and at every time.
///
/// A UUIDv8: the first 32 bits sort like `place`, the others are those of the key's UUIDv5 in `namespace`. Rounds write
/// unit after unit, so that neighbours in time are neighbours in every index; with random ids a large table writes one
/// page per row and index.
pub fn id_beside(namespace: Uuid, place: &str, key: &str) -> Uuid {
    let mut bytes = Uuid::new_v5(&namespace, key.as_bytes()).into_bytes();
    for (byte, ordered) in bytes.iter_mut().zip(ordered(place).to_be_bytes()) {
        *byte = ordered;
    }
    Uuid::new_v8(bytes)
}

/// A number that sorts like the first six characters of `place`, 0 to 9 before A to Z before what is neither.
fn ordered(place: &str) -> u32 {
    let digit = |c: char| c.to_digit(36).unwrap_or(36);
    place.chars().chain(std::iter::repeat('0')).take(6).fold(0, |number, c| number * 37 + digit(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_key_s_own_and_sorts_like_its_place() {
        let id = |place: &str, key: &str| id_beside(Uuid::NAMESPACE_URL, place, key);
        assert_eq!(id("07201", "a"), id("07201", "a"));
        assert_ne!(id("07201", "a"), id("07201", "b"));
        let places = ["07201/head", "07204/head", "7", "SCT/head", "SGTVT/head", "SXD/head", "\u{1ee6}y ban"];
        let ids: Vec<Uuid> = places.iter().map(|place| id(place, "a")).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids.iter().all(|id| id.get_version_num() == 8), "{ids:?}");
    }
}
