//! Which columns identify a person. The words are data: `personal.txt`.

use unicode_normalization::UnicodeNormalization as _;

const WORDS: &str = include_str!("personal.txt");

/// What kind of personal data a column with this header holds, as far as its name tells: `a telephone number`.
pub fn kind(header: &str) -> Option<&'static str> {
    let header = folded(header);
    let mut found = None;
    for (word, kind) in words() {
        if let Some(never) = word.strip_prefix('!') {
            if header.contains(never) {
                return None;
            }
        } else if word.strip_prefix('=').map_or_else(|| header.contains(word), |whole| header == whole) {
            found = found.or(Some(kind));
        }
    }
    found
}

fn words() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = WORDS.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' '))
}

/// Letters and digits alone, without tones, marks and capitals.
fn folded(header: &str) -> String {
    let plain = |c: char| if c == 'đ' { 'd' } else { c };
    header.nfd().flat_map(char::to_lowercase).map(plain).filter(char::is_ascii_alphanumeric).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_personal_column_is_known() {
        for header in [
            "ChuHoSo",
            "Tên chủ hồ sơ",
            "HoTen",
            "Họ và tên",
            "HỌ TÊN NGƯỜI NỘP",
            "NguoiNopHoSo",
            "applicantName",
            "full_name",
            "SoCMND",
            "Số CMND/CCCD",
            "so_cmnd",
            "CCCD",
            "SoDinhDanh",
            "Số định danh cá nhân",
            "MaDinhDanhCaNhan",
            "passport_no",
            "SoDienThoai",
            "SĐT",
            "Điện thoại liên hệ",
            "phoneNumber",
            "DiaChi",
            "Địa chỉ thường trú",
            "ADDRESS",
            "Email",
            "Thư điện tử",
            "NgaySinh",
            "Ngày sinh",
            "date-of-birth",
            "Giới tính",
            "TrichYeuHoSo",
            "Ghi chú",
        ] {
            assert!(kind(header).is_some(), "{header}");
            assert!(kind(&header.nfd().collect::<String>()).is_some(), "{header} in parts");
        }
    }

    #[test]
    fn columns_about_the_dossier_are_not_personal() {
        for header in [
            "MaHoSo",
            "MaDonVi",
            "TenDonVi",
            "Mã định danh",
            "MaTTHC",
            "TenTTHC",
            "MaLinhVuc",
            "KenhThucHien",
            "NgayTiepNhan",
            "NgayHenTra",
            "NgayKetThucXuLy",
            "DuocThanhToanTrucTuyen",
            "DuongDanTepTinKetQua",
            "MaKetQua",
            "LePhi",
            "TrangThaiHoSo",
            "HoSoCoThanhPhanSoHoa",
            "DonViXuLy",
            "HinhThuc",
            "unit_name",
            "service",
            "status",
            "Địa chỉ tệp kết quả",
            "",
        ] {
            assert_eq!(kind(header), None, "{header}");
        }
    }

    #[test]
    fn every_word_is_written_as_it_is_compared() {
        for (word, kind) in words() {
            assert_eq!(folded(word), word.trim_start_matches(['=', '!']), "{word}");
            assert!(!kind.is_empty());
        }
    }
}
