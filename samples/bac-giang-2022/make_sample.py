"""Builds the generated files of the sample pack: units.csv (aliases), contacts.csv, services.csv and figures.csv.

    python3 make_sample.py            write the files
    python3 make_sample.py --check    compare them with what would be written and verify every rule; exit 1 if one fails

The units themselves (code, name, kind, parent, validity) are real and are kept as they stand in units.csv; only their
aliases are written. All other output is invented, reproducible to the byte, and adds up to the four province figures
of the letter of 2022. Integers only; the only randomness is the small generator below, seeded by unit codes.
"""

import csv
import io
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

FOLDER = Path(__file__).resolve().parent

UNIT_COLUMNS = ["code", "name", "kind", "parent_code", "valid_from", "valid_to", "aliases"]
CONTACT_COLUMNS = ["unit_code", "office", "person", "title", "email", "phone", "zalo_user_id", "valid_from", "valid_to"]
MEASURES = ["received", "received_online", "results_due", "results_electronic", "fee_transactions", "paid_on_portal",
            "paid_cashless_other", "services_online", "services_online_with_dossiers"]
FIGURE_COLUMNS = ["period", "unit_code", "service_code"] + MEASURES

# indicator: numerator, denominator, province figure in hundredths of a percent, target in percent, minimum volume
INDICATORS = {
    "e_result": ("results_electronic", "results_due", 237, 100, 10),
    "online_filing": ("received_online", "received", 4911, 50, 10),
    "portal_payment": ("paid_on_portal", "fee_transactions", 583, 30, 10),
    "active_services": ("services_online_with_dossiers", "services_online", 5500, 85, 1),
}

DEPARTMENT_KINDS = ("so", "ban", "don_vi_truc_thuoc")
DISTRICT_KINDS = ("huyen", "thanh_pho")
COMMUNE_KINDS = ("xa", "phuong", "thi_tran")

# The units that show something; everything else is drawn.
ABOVE_EVERY_TARGET = ["STTTT", "SKHCN", "221", "07213", "07441", "07711", "07765", "07795"]
WITHOUT_FEES = ["SNV", "STC", "SGDDT", "SNGV", "BDT", "07540", "07645"]
TOO_FEW = "07534"
NO_DATA = "07624"
EXACTLY_HALF_ONLINE = "07228"

# ---------------------------------------------------------------------------------------------------------------------
# Names: aliases, titles, addresses

DEPARTMENT_ALIASES = {
    "SCT": ["Sở CT", "SCT"],
    "SNV": ["Sở NV", "SNV"],
    "SNNPTNT": ["Sở NN&PTNT", "SNNPTNT", "Sở NNPTNT", "Sở Nông nghiệp & Phát triển nông thôn",
                "Sở Nông nghiệp và PTNT"],
    "STC": ["Sở TC", "STC"],
    "SLDTBXH": ["Sở LĐ-TB&XH", "SLĐTBXH", "Sở LĐTBXH", "Sở LĐTB&XH", "Sở Lao động, Thương binh và Xã hội",
                "Sở Lao động - TB&XH"],
    "STNMT": ["Sở TN&MT", "STNMT", "Sở TNMT", "Sở Tài nguyên & Môi trường"],
    "STP": ["Sở TP", "STP"],
    "SVHTTDL": ["Sở VHTT&DL", "SVHTTDL", "Sở VHTTDL", "Sở VH,TT&DL", "Sở Văn hóa - Thể thao và Du lịch",
                "Sở Văn hóa Thể thao và Du lịch"],
    "SXD": ["Sở XD", "SXD"],
    "SYT": ["Sở YT", "SYT"],
    "SKHDT": ["Sở KH&ĐT", "SKHĐT", "Sở KHĐT", "Sở Kế hoạch & Đầu tư"],
    "STTTT": ["Sở TT&TT", "STTTT", "Sở TTTT", "Sở Thông tin & Truyền thông"],
    "SGTVT": ["Sở GTVT", "SGTVT", "Sở Giao thông - Vận tải"],
    "SGDDT": ["Sở GD&ĐT", "SGDĐT", "Sở GDĐT", "Sở Giáo dục & Đào tạo"],
    "SKHCN": ["Sở KH&CN", "SKHCN", "Sở KHCN", "Sở Khoa học & Công nghệ"],
    "SNGV": ["Sở NgV", "SNgV"],
    "BDT": ["Ban DT", "BDT", "Ban Dân tộc tỉnh"],
    "BQLKCN": ["Ban QL các KCN", "BQLKCN", "Ban Quản lý các KCN", "Ban Quản lý các KCN tỉnh",
               "Ban Quản lý các khu công nghiệp"],
    "VPDKDD": ["VP Đăng ký đất đai", "VPĐKĐĐ", "VPĐK đất đai", "Văn phòng Đăng ký đất đai tỉnh"],
}

KIND_WORDS = {"huyen": ("Huyện", "H."), "thanh_pho": ("Thành phố", "TP."), "xa": ("Xã", "X."),
              "phuong": ("Phường", "P."), "thi_tran": ("Thị trấn", "TT.")}

# Xã until Resolution 510/NQ-UBTVQH15 of 12/5/2022; older tables still say so.
ONCE_COMMUNES = {"07477", "07870"}

TONE_PAIRS = [("oà", "òa"), ("oá", "óa"), ("oả", "ỏa"), ("oã", "õa"), ("oạ", "ọa"),
              ("oè", "òe"), ("oé", "óe"), ("oẻ", "ỏe"), ("oẽ", "õe"), ("oẹ", "ọe"),
              ("uỳ", "ùy"), ("uý", "úy"), ("uỷ", "ủy"), ("uỹ", "ũy"), ("uỵ", "ụy")]


def fold(name):
    """The spelling by which names are compared: NFC, lower case, single spaces, old tone placement."""
    words = []
    for word in unicodedata.normalize("NFC", name).lower().split():
        for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212":
            word = word.replace(dash, "-")
        for new, old in TONE_PAIRS:
            if word.endswith(new) and not word.endswith("q" + new):
                word = word[:-2] + old
                break
        words.append(word)
    return " ".join(words)


def ascii_words(text):
    stripped = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(c if c.isascii() and c.isalnum() else " " for c in stripped if not unicodedata.combining(c))
    return plain.lower().split()


def place(unit):
    """The name without its kind word: Song Mai."""
    return unit["name"].removeprefix(KIND_WORDS[unit["kind"]][0] + " ")


def aliases(unit, units):
    if unit["code"] in DEPARTMENT_ALIASES:
        return DEPARTMENT_ALIASES[unit["code"]]
    if unit["kind"] not in KIND_WORDS:
        return []
    namesakes = [other for other in units.values() if fold(other["name"]) == fold(unit["name"])]
    where = f" ({place(units[unit['parent_code']])})" if len(namesakes) > 1 else ""
    found = [f"{KIND_WORDS[unit['kind']][1]} {place(unit)}{where}"]
    if where:
        found.append(unit["name"] + where)
    if unit["kind"] == "thanh_pho":
        found.append(f"TP {place(unit)}")
    if unit["code"] in ONCE_COMMUNES:
        found += [f"Xã {place(unit)}", f"X. {place(unit)}"]
    return found


def head_title(unit):
    if unit["kind"] == "ban":
        return "Trưởng " + unit["name"]
    if unit["kind"] in DEPARTMENT_KINDS:
        return "Giám đốc " + unit["name"]
    return "Chủ tịch UBND " + unit["name"][0].lower() + unit["name"][1:]


def domain(unit, units):
    if unit["kind"] in DEPARTMENT_KINDS:
        return unit["code"].lower() + ".bacgiang.example"
    if unit["kind"] in DISTRICT_KINDS:
        return ("tp-" if unit["kind"] == "thanh_pho" else "huyen-") + "".join(ascii_words(place(unit))) + ".example"
    return "-".join(ascii_words(unit["name"])) + "." + domain(units[unit["parent_code"]], units)


def head_email(unit, units):
    local = "ubnd"
    if unit["kind"] in DEPARTMENT_KINDS:
        local = "truongban" if unit["kind"] == "ban" else "giamdoc"
    return f"{local}@{domain(unit, units)}"


def contact_rows(units):
    rows = []
    addressees = [unit for unit in units.values() if unit["kind"] != "tinh"]
    for number, unit in enumerate(addressees, 1):
        phone = f"0900 000 {number:03}"
        rows.append([unit["code"], "head", "", head_title(unit), head_email(unit, units), phone, "", "2022-01-01", ""])
    rows.append(["24", "focal_point", "Nguyễn Văn Tuấn", "Phó Giám đốc Trung tâm CNTT&TT", "cntt@bacgiang.example",
                 "0900 000 999", "", "2022-01-01", ""])
    return rows


# ---------------------------------------------------------------------------------------------------------------------
# Services: code | name | owners | share of the unit's dossiers | marks
# Marks: f bears a fee or charge, n returns no document. A service without owners named is a commune's or district's.

SERVICES_TEXT = """
2.000033|Thông báo hoạt động khuyến mại|SCT|54|n
2.000004|Đăng ký hoạt động khuyến mại mang tính may rủi|SCT|14|
2.000591|Cấp Giấy chứng nhận đủ điều kiện an toàn thực phẩm ngành Công Thương|SCT|15|f
2.000674|Cấp Giấy xác nhận đủ điều kiện làm đại lý bán lẻ xăng dầu|SCT|11|f
2.000142|Cấp Giấy chứng nhận đủ điều kiện kinh doanh khí dầu mỏ hóa lỏng|SCT|6|f
1.003503|Công nhận ban vận động thành lập hội|SNV|9|
1.003960|Phê duyệt điều lệ hội|SNV|16|
2.000449|Tặng Bằng khen của Chủ tịch UBND tỉnh theo chuyên đề|SNV|38|
1.010195|Cấp bản sao và chứng thực tài liệu lưu trữ lịch sử|SNV|23|
1.001604|Thông báo danh mục hoạt động tôn giáo|SNV|14|n
2.000873|Cấp Giấy chứng nhận kiểm dịch động vật vận chuyển ra khỏi địa bàn tỉnh|SNNPTNT|47|f
1.004363|Cấp Giấy chứng nhận đủ điều kiện buôn bán thuốc bảo vệ thực vật|SNNPTNT|17|f
1.007931|Cấp Giấy chứng nhận đủ điều kiện buôn bán phân bón|SNNPTNT|13|f
2.001827|Cấp Giấy chứng nhận đủ điều kiện an toàn thực phẩm nông, lâm, thủy sản|SNNPTNT|16|f
1.004493|Cấp Giấy xác nhận nội dung quảng cáo thuốc bảo vệ thực vật|SNNPTNT|7|f
2.002206|Đăng ký mã số đơn vị có quan hệ với ngân sách nhà nước|STC|66|
2.002217|Đăng ký giá của doanh nghiệp|STC|13|
1.006241|Quyết định giá thuộc thẩm quyền của tỉnh|STC|9|
2.002219|Kê khai giá hàng hóa, dịch vụ|STC|12|n
1.001978|Giải quyết hưởng trợ cấp thất nghiệp|SLDTBXH|58|
2.000205|Cấp giấy phép lao động cho người lao động nước ngoài|SLDTBXH,BQLKCN|15|f
2.000192|Cấp lại giấy phép lao động cho người lao động nước ngoài|SLDTBXH,BQLKCN|6|f
1.000105|Báo cáo giải trình nhu cầu sử dụng người lao động nước ngoài|SLDTBXH,BQLKCN|11|
2.000134|Khai báo máy, thiết bị có yêu cầu nghiêm ngặt về an toàn lao động|SLDTBXH|6|n
1.010801|Giải quyết chế độ ưu đãi đối với thân nhân liệt sĩ|SLDTBXH|4|
1.004232|Cấp giấy phép thăm dò nước dưới đất|STNMT|8|f
1.004223|Cấp giấy phép khai thác, sử dụng nước dưới đất|STNMT|14|f
1.010727|Cấp giấy phép môi trường|STNMT|19|f
1.010733|Thẩm định báo cáo đánh giá tác động môi trường|STNMT|17|f
1.004237|Khai thác, sử dụng thông tin, dữ liệu tài nguyên và môi trường|STNMT,VPDKDD|42|f
2.000488|Cấp Phiếu lý lịch tư pháp cho công dân Việt Nam|STP|83|f
2.001417|Cấp Phiếu lý lịch tư pháp cho cơ quan, tổ chức|STP|9|
1.001071|Đăng ký tập sự hành nghề công chứng|STP|2|
1.002010|Đăng ký hoạt động của tổ chức hành nghề luật sư|STP|3|f
1.005136|Cấp Giấy xác nhận có quốc tịch Việt Nam|STP|3|f
1.009397|Chấp thuận tổ chức biểu diễn nghệ thuật|SVHTTDL|19|f
1.004645|Tiếp nhận thông báo sản phẩm quảng cáo trên bảng, băng-rôn|SVHTTDL|46|
1.004623|Cấp thẻ hướng dẫn viên du lịch nội địa|SVHTTDL|17|f
1.004528|Công nhận điểm du lịch|SVHTTDL|4|f
1.002396|Cấp Giấy chứng nhận đủ điều kiện kinh doanh hoạt động thể thao|SVHTTDL|14|f
1.009982|Cấp chứng chỉ hành nghề hoạt động xây dựng hạng II, hạng III|SXD|44|f
1.009991|Cấp chứng chỉ năng lực hoạt động xây dựng hạng II, hạng III|SXD|12|f
1.009974|Cấp giấy phép xây dựng công trình cấp I, cấp II|SXD,BQLKCN|9|f
1.009972|Thẩm định Báo cáo nghiên cứu khả thi đầu tư xây dựng|SXD|16|f
1.009973|Thẩm định thiết kế xây dựng triển khai sau thiết kế cơ sở|SXD|12|f
1.009794|Kiểm tra công tác nghiệm thu hoàn thành công trình|SXD|7|
1.003709|Cấp chứng chỉ hành nghề khám bệnh, chữa bệnh|SYT|33|f
1.004616|Cấp Chứng chỉ hành nghề dược|SYT|24|f
1.004593|Cấp Giấy chứng nhận đủ điều kiện kinh doanh dược|SYT|18|f
1.002425|Cấp Giấy chứng nhận đủ điều kiện an toàn thực phẩm dịch vụ ăn uống|SYT|14|f
2.000655|Công bố cơ sở đủ điều kiện tiêm chủng|SYT|6|n
1.002600|Cấp số tiếp nhận Phiếu công bố sản phẩm mỹ phẩm|SYT|3|f
1.002483|Xác nhận nội dung quảng cáo mỹ phẩm|SYT|2|f
2.001583|Đăng ký thành lập công ty TNHH một thành viên|SKHDT|27|f
2.001199|Đăng ký thành lập công ty TNHH hai thành viên trở lên|SKHDT|11|f
2.002069|Đăng ký hoạt động chi nhánh, văn phòng đại diện|SKHDT|9|f
2.002041|Đăng ký thay đổi địa chỉ trụ sở chính của doanh nghiệp|SKHDT|14|f
2.002009|Đăng ký thay đổi vốn điều lệ, phần vốn góp|SKHDT|13|f
2.002045|Thông báo thay đổi ngành, nghề kinh doanh|SKHDT|26|
1.003868|Cấp giấy phép xuất bản tài liệu không kinh doanh|STTTT|48|f
2.001594|Cấp giấy phép hoạt động in|STTTT|12|
2.001098|Cấp giấy phép thiết lập trang thông tin điện tử tổng hợp|STTTT|14|
1.003659|Cấp giấy phép bưu chính|STTTT|9|f
1.003114|Đăng ký hoạt động phát hành xuất bản phẩm|STTTT|17|
1.002809|Đổi giấy phép lái xe do ngành Giao thông vận tải cấp|SGTVT|61|f
1.002835|Cấp mới giấy phép lái xe|SGTVT|19|f
2.002286|Cấp Giấy phép kinh doanh vận tải bằng xe ô tô|SGTVT|4|f
2.002288|Cấp phù hiệu xe ô tô kinh doanh vận tải|SGTVT|13|
1.000028|Cấp giấy phép lưu hành xe quá tải trọng, quá khổ giới hạn|SGTVT|3|
1.005092|Cấp bản sao văn bằng, chứng chỉ từ sổ gốc|SGDDT|57|
2.001914|Chỉnh sửa nội dung văn bằng, chứng chỉ|SGDDT|11|
2.002479|Chuyển trường đối với học sinh trung học phổ thông|SGDDT|19|
1.005142|Đăng ký dự thi tốt nghiệp trung học phổ thông|SGDDT|9|n
1.005049|Cho phép trung tâm ngoại ngữ, tin học hoạt động giáo dục|SGDDT|4|
2.002380|Cấp giấy phép sử dụng thiết bị X-quang chẩn đoán trong y tế|SKHCN|34|f
2.002379|Cấp chứng chỉ nhân viên bức xạ|SKHCN|27|f
2.002385|Khai báo thiết bị X-quang chẩn đoán trong y tế|SKHCN|21|n
2.001209|Đăng ký công bố hợp chuẩn|SKHCN|11|f
2.000212|Công bố sử dụng dấu định lượng|SKHCN|7|
2.002312|Cho phép tổ chức hội nghị, hội thảo quốc tế|SNGV|24|
2.002314|Cho phép sử dụng thẻ đi lại của doanh nhân APEC|SNGV|31|
1.010902|Cho phép cán bộ, công chức đi công tác nước ngoài|SNGV|38|
1.010905|Tiếp nhận thông báo đoàn khách nước ngoài đến làm việc|SNGV|7|n
1.004875|Công nhận người có uy tín trong đồng bào dân tộc thiểu số|BDT|57|
1.004888|Đưa ra khỏi danh sách người có uy tín|BDT|13|
1.012220|Hỗ trợ học sinh, sinh viên người dân tộc thiểu số|BDT|21|
1.012222|Thăm hỏi, hỗ trợ người có uy tín gặp khó khăn|BDT|9|n
1.009748|Cấp Giấy chứng nhận đăng ký đầu tư|BQLKCN|12|
1.009756|Điều chỉnh Giấy chứng nhận đăng ký đầu tư|BQLKCN|9|
2.001955|Đăng ký nội quy lao động của doanh nghiệp|BQLKCN|7|
1.004583|Đăng ký thế chấp quyền sử dụng đất, tài sản gắn liền với đất|VPDKDD|29|f
2.000801|Xóa đăng ký thế chấp quyền sử dụng đất|VPDKDD|21|f
1.004227|Đăng ký biến động do chuyển nhượng, tặng cho quyền sử dụng đất|VPDKDD|23|f
1.004199|Cấp đổi Giấy chứng nhận quyền sử dụng đất|VPDKDD|14|f
1.004203|Tách thửa hoặc hợp thửa đất|VPDKDD|7|f
1.001612|Đăng ký thành lập hộ kinh doanh|district|21|f
2.000720|Đăng ký thay đổi nội dung đăng ký hộ kinh doanh|district|8|f
1.001266|Chấm dứt hoạt động hộ kinh doanh|district|5|
1.009994|Cấp giấy phép xây dựng nhà ở riêng lẻ|district|11|f
1.000798|Chuyển mục đích sử dụng đất|district|17|f
2.000748|Thay đổi, cải chính, bổ sung hộ tịch|district|8|f
1.001776|Quyết định trợ cấp xã hội hằng tháng|district|16|
2.002481|Chuyển trường đối với học sinh trung học cơ sở|district|9|
2.000620|Cấp giấy phép bán lẻ rượu|district|5|f
2.000815|Chứng thực bản sao từ bản chính|commune|41|f
1.001193|Đăng ký khai sinh|commune|15|
1.004873|Cấp Giấy xác nhận tình trạng hôn nhân|commune|12|f
1.000656|Đăng ký khai tử|commune|6|
1.000894|Đăng ký kết hôn|commune|7|
2.000635|Cấp bản sao trích lục hộ tịch|commune|9|f
2.000884|Chứng thực chữ ký|commune|8|f
2.000908|Cấp bản sao từ sổ gốc|commune|3|
1.001653|Đổi, cấp lại Giấy xác nhận khuyết tật|commune|3|
1.011607|Công nhận hộ nghèo, hộ cận nghèo thường xuyên hằng năm|commune|3|
1.003622|Thông báo tổ chức lễ hội cấp xã|commune|1|n
"""

COMMUNE_ALWAYS = {"2.000815", "1.001193", "1.004873", "1.000656"}


class Service:
    def __init__(self, line):
        self.code, self.name, owners, share, marks = line.split("|")
        self.owners = owners.split(",")
        self.share = int(share)
        self.fee = "f" in marks
        self.document = "n" not in marks


SERVICES = [Service(line) for line in SERVICES_TEXT.strip().splitlines()]

# ---------------------------------------------------------------------------------------------------------------------
# Profiles: dossiers in ten months; online, portal, cashless-elsewhere and e-result rates and the online trend in ‰;
# active: share of online services that have dossiers, in %.

PROFILE_KEYS = ["dossiers", "online", "active", "portal", "cashless", "e_result", "trend"]
PROFILES = {
    "SCT": (3912, 928, 80, 118, 82, 3, 60),
    "SNV": (624, 412, 50, 0, 0, 0, 240),
    "SNNPTNT": (2458, 367, 60, 61, 347, 12, 310),
    "STC": (312, 884, 75, 0, 0, 6, -60),
    "SLDTBXH": (6834, 641, 67, 146, 408, 9, 120),
    "STNMT": (2147, 288, 50, 17, 522, 4, -180),
    "STP": (14615, 574, 60, 61, 283, 2, 150),
    "SVHTTDL": (543, 723, 80, 334, 121, 41, 90),
    "SXD": (2896, 458, 67, 38, 473, 0, -240),
    "SYT": (4288, 339, 57, 66, 236, 5, 280),
    "SKHDT": (11236, 951, 100, 64, 164, 6, 20),
    "STTTT": (236, 946, 100, 687, 74, 1000, 40),
    "SGTVT": (17805, 437, 60, 49, 331, 1, 340),
    "SGDDT": (3647, 226, 50, 0, 0, 0, -130),
    "SKHCN": (268, 861, 100, 471, 132, 1000, 110),
    "SNGV": (206, 668, 75, 0, 0, 146, -70),
    "BDT": (214, 152, 25, 0, 0, 0, 190),
    "BQLKCN": (7903, 896, 83, 57, 628, 3, 50),
    "VPDKDD": (19620, 181, 50, 24, 262, 1, 370),
    "213": (9812, 706, 78, 81, 437, 4, 130),
    "215": (4127, 334, 44, 19, 148, 0, 220),
    "216": (5698, 538, 67, 58, 312, 2, 90),
    "217": (6874, 617, 67, 88, 221, 6, -90),
    "218": (7341, 268, 44, 11, 183, 1, 330),
    "219": (7765, 383, 56, 31, 382, 0, -210),
    "220": (3064, 187, 33, 4, 92, 0, 260),
    "221": (3412, 742, 89, 338, 194, 1000, 170),
    "222": (8590, 858, 89, 124, 357, 9, 70),
    "223": (8123, 476, 56, 47, 119, 3, -150),
    "07213": (437, 823, 100, 412, 157, 1000, 60),
    "07441": (386, 671, 100, 346, 231, 1000, 210),
    "07711": (352, 604, 86, 318, 62, 1000, -40),
    "07765": (334, 712, 100, 389, 118, 1000, 260),
    "07795": (463, 778, 88, 527, 203, 1000, 140),
    TOO_FEW: (7, 600, 100, 0, 0, 0, 0),
}

# district: fewest and most dossiers of its communes, their usual online rate in ‰
DISTRICT_CLIMATE = {
    "213": (680, 1460, 600), "215": (330, 780, 320), "216": (410, 1060, 500), "217": (440, 1140, 540),
    "218": (420, 1080, 330), "219": (330, 960, 350), "220": (310, 590, 290), "221": (430, 1120, 560),
    "222": (640, 1370, 630), "223": (430, 1060, 430),
}

MONTHS = [f"2022-{month:02}" for month in range(1, 11)]
MONTH_SHARES = [88, 72, 108, 101, 104, 102, 106, 113, 105, 101]


def fnv(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


class Lcg:
    """A 64-bit linear congruential generator; its high bits only."""

    def __init__(self, seed):
        self.state = fnv(seed)
        self.below(2)

    def below(self, limit):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) * limit >> 31

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def hump(self, low, high):
        """Between low and high, the middle more often."""
        return (self.between(low, high) + self.between(low, high)) // 2


def apportion(total, weights):
    """Splits total by weights, largest remainders first."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    rest = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in rest[:total - sum(parts)]:
        parts[i] += 1
    return parts


def drawn_profile(unit, rng):
    low, high, usual = DISTRICT_CLIMATE[unit["parent_code"]]
    online = min(960, max(115, usual + rng.hump(-412, 408)))
    draw = rng.below(100)
    portal = (rng.between(0, 8) if draw < 24 else rng.between(9, 74) if draw < 84
              else rng.between(80, 160) if draw < 98 else rng.between(310, 480))
    draw = rng.below(100)
    e_result = 0 if draw < 42 else rng.between(2, 10) if draw < 88 else rng.between(11, 34)
    if rng.below(100) < 2:
        e_result = rng.between(80, 190)
    active = min(100, max(20, 22 + online * 62 // 1000 + rng.hump(-26, 26)))
    cashless = rng.between(20, 180) if rng.below(100) < 45 else rng.between(210, 560)
    return (rng.hump(low, high), online, active, portal, cashless, e_result, rng.between(-280, 420))


class Slot:
    """One service of one unit: its share of the dossiers and whether it is offline, silent or active online."""

    def __init__(self, unit, service, share):
        self.unit, self.service, self.share = unit, service, share
        self.state = "silent"
        self.from_month = 0
        self.dossiers = 0


def choose_services(unit, rng):
    if unit["kind"] in DEPARTMENT_KINDS:
        return [service for service in SERVICES if unit["code"] in service.owners]
    if unit["kind"] in DISTRICT_KINDS:
        everything = [service for service in SERVICES if "district" in service.owners]
        everything.pop(rng.below(len(everything)))
        return everything
    everything = [service for service in SERVICES if "commune" in service.owners]
    if unit["code"] in WITHOUT_FEES:
        return [service for service in everything if not service.fee and service.document]
    if unit["code"] == TOO_FEW:
        return [service for service in everything if service.code in COMMUNE_ALWAYS]
    others = [service for service in everything if service.code not in COMMUNE_ALWAYS]
    wanted = rng.between(2, 4)
    while len(others) > wanted:
        others.pop(rng.below(len(others)))
    return [service for service in everything if service.code in COMMUNE_ALWAYS or service in others]


def lay_out(unit, profile, rng):
    """The unit's services, the heaviest first active, the lightest sometimes not online at all."""
    slots = [Slot(unit["code"], s, s.share * rng.between(70, 130)) for s in choose_services(unit, rng)]
    ranked = sorted(slots, key=lambda slot: (-slot.share, slot.service.code))
    if unit["code"] == TOO_FEW:
        for slot, state in zip(ranked, ["active", "active", "offline", "offline"]):
            slot.state = state
        return slots
    if profile["active"] < 100 and unit["code"] not in ABOVE_EVERY_TARGET:
        for slot in ranked[3:]:
            if rng.below(100) < 12:
                slot.state = "offline"
    online = [slot for slot in ranked if slot.state != "offline"]
    active = max(1, (len(online) * profile["active"] + 50) // 100)
    for slot in online[:active]:
        slot.state = "active"
    for slot in online[1:]:
        if profile["online"] < 880 and rng.below(100) < 8:
            slot.from_month = rng.between(2, 6)
    return slots


def set_coverage(slots):
    """Makes the province's share of online services with dossiers exactly 55 %."""
    ordered = sorted(slots, key=lambda slot: fnv(slot.unit + slot.service.code))
    heaviest = {}
    for slot in slots:
        if slot.state == "active" and (slot.unit not in heaviest or slot.share > heaviest[slot.unit].share):
            heaviest[slot.unit] = slot
    free = [slot for slot in ordered if slot.unit not in PROFILES and heaviest.get(slot.unit) is not slot]

    def turn(state, into, count):
        for slot in [slot for slot in free if slot.state == state][:count]:
            slot.state = into

    def online():
        return sum(slot.state != "offline" for slot in slots)

    turn("silent", "offline", online() % 20)
    active = sum(slot.state == "active" for slot in slots)
    wanted = online() * 55 // 100
    turn("active", "silent", max(0, active - wanted))
    turn("silent", "active", max(0, wanted - active))


def share_dossiers(slots, total, rng):
    """Splits the unit's dossiers over its services; some silent ones get none all year."""
    shares = []
    for slot in slots:
        light = slot.state == "silent" and slot.share < 700
        shares.append(0 if light and rng.below(100) < 45 else slot.share)
    for slot, dossiers in zip(slots, apportion(total, shares)):
        slot.dossiers = dossiers
    if total > 100:
        biggest = max(slots, key=lambda slot: slot.dossiers)
        for slot in slots:
            if slot.state == "active" and slot.dossiers < 6:
                biggest.dossiers -= 6 - slot.dossiers
                slot.dossiers = 6


class Diffusion:
    """Turns a rate in ‰ into whole counts, carrying the rest to the next row."""

    def __init__(self, rest):
        self.rest = rest

    def take(self, count, rate, limit):
        self.rest += count * rate
        taken = min(self.rest // 1000, limit)
        self.rest -= taken * 1000
        return taken


def service_rows(slot, profile, online_rate, carry, rng):
    rows = []
    volumes = apportion(slot.dossiers, [share * rng.between(80, 120) for share in MONTH_SHARES])
    due_rate, fee_rate = rng.between(880, 975), rng.between(720, 970)
    for month, received in enumerate(volumes):
        row = dict.fromkeys(FIGURE_COLUMNS)
        row["period"], row["unit_code"], row["service_code"] = MONTHS[month], slot.unit, slot.service.code
        row["received"] = received
        open_online = slot.state != "offline" and month >= slot.from_month
        row["received_online"] = 0
        tilt = profile["trend"] * (2 * month - 9) // 9
        if slot.state == "active" and open_online:
            rate = min(985, max(10, online_rate * (1000 + tilt) // 1000))
            row["received_online"] = carry["online"].take(received, rate, received)
        if slot.service.document:
            row["results_due"] = min(received, carry["due"].take(received, due_rate, received))
            row["results_electronic"] = row["results_due"]
            if profile["e_result"] < 1000:
                row["results_electronic"] = carry["e_result"].take(
                    row["results_due"], profile["e_result"] * (1000 + 2 * tilt) // 1000, row["results_due"])
        if slot.service.fee:
            fees = row["fee_transactions"] = carry["fee"].take(received, fee_rate, received)
            paid = row["paid_on_portal"] = carry["portal"].take(fees, profile["portal"] * (1000 + tilt) // 1000, fees)
            row["paid_cashless_other"] = carry["cashless"].take(fees, profile["cashless"], fees - paid)
        row["services_online"] = int(open_online)
        rows.append(row)
    if slot.state == "active" and not any(row["received_online"] for row in rows):
        next(row for row in rows if row["received"] and row["services_online"])["received_online"] = 1
    return rows


def unit_rows(slots, profile, rng):
    share_dossiers(slots, profile["dossiers"], rng)
    reachable = sum(slot.dossiers * (10 - slot.from_month) // 10 for slot in slots if slot.state == "active")
    online_rate = min(985, profile["online"] * sum(slot.dossiers for slot in slots) // max(1, reachable))
    carry = {name: Diffusion(rng.below(900)) for name in ["online", "due", "e_result", "fee", "portal", "cashless"]}
    rows = []
    for slot in slots:
        rate = online_rate * rng.between(90, 110) // 100
        rows += service_rows(slot, profile, rate, carry, rng)
    return rows


def nudge(rows, column, change, limit):
    """Spreads change over rows, one by one in a scattered order, inside what each row allows; zeros stay zeros."""
    scattered = sorted(rows, key=lambda row: fnv(row["service_code"] + row["unit_code"] + row["period"]))
    while change:
        before = change
        for row in scattered:
            value = row[column]
            if change > 0 and value and value < limit(row):
                row[column] += 1
                change -= 1
            elif change < 0 and value and value > 1:
                row[column] -= 1
                change += 1
            if change == 0:
                return
        if change == before:
            raise SystemExit(f"{column}: no room for {change} more; change the profiles")


LIMITS = {
    "received_online": lambda row: row["received"],
    "results_electronic": lambda row: row["results_due"],
    "paid_on_portal": lambda row: row["fee_transactions"] - row["paid_cashless_other"],
}


def meet_province_figures(rows):
    for numerator, denominator, hundredths, _, _ in INDICATORS.values():
        if numerator not in LIMITS:
            continue
        whole = sum(row[denominator] or 0 for row in rows)
        wanted = (whole * hundredths + 5000) // 10000
        have = sum(row[numerator] or 0 for row in rows)
        free = [row for row in rows if row["unit_code"] not in PROFILES and row["unit_code"] != EXACTLY_HALF_ONLINE]
        nudge(free, numerator, wanted - have, LIMITS[numerator])


def figure_rows(units):
    judged = [unit for unit in units.values() if unit["kind"] != "tinh" and unit["code"] != NO_DATA]
    generators = {unit["code"]: Lcg(unit["code"]) for unit in judged}
    profiles, slots = {}, {}
    for unit in judged:
        code, rng = unit["code"], generators[unit["code"]]
        values = PROFILES.get(code) or drawn_profile(unit, rng)
        profiles[code] = dict(zip(PROFILE_KEYS, values))
        slots[code] = lay_out(unit, profiles[code], rng)
    set_coverage([slot for unit in slots.values() for slot in unit])
    rows = []
    for code, rng in generators.items():
        found = unit_rows(slots[code], profiles[code], rng)
        if code == EXACTLY_HALF_ONLINE:
            make_half_online(found)
        rows += found
    meet_province_figures(rows)
    for row in rows:
        row["services_online_with_dossiers"] = int(row["received_online"] > 0)
    return sorted(rows, key=lambda row: row["period"])


def make_half_online(rows):
    total = sum(row["received"] for row in rows)
    if total % 2:
        raise SystemExit(f"{EXACTLY_HALF_ONLINE}: an odd number of dossiers has no half")
    nudge(rows, "received_online", total // 2 - sum(row["received_online"] for row in rows), LIMITS["received_online"])


# ---------------------------------------------------------------------------------------------------------------------
# Files


def table(columns, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def read_table(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def build():
    units = {row["code"]: row for row in read_table((FOLDER / "units.csv").read_bytes())}
    for unit in units.values():
        unit["aliases"] = ";".join(aliases(unit, units))
    services = [[service.code, service.name] for service in SERVICES]
    figures = [["" if row[column] is None else row[column] for column in FIGURE_COLUMNS] for row in figure_rows(units)]
    return {
        "units.csv": table(UNIT_COLUMNS, [[unit[column] for column in UNIT_COLUMNS] for unit in units.values()]),
        "contacts.csv": table(CONTACT_COLUMNS, contact_rows(units)),
        "services.csv": table(["code", "name"], services),
        "figures.csv": table(FIGURE_COLUMNS, figures),
    }


# ---------------------------------------------------------------------------------------------------------------------
# Check: everything is read back from the files


def hundredths(numerator, denominator):
    """The rate in hundredths of a percent, half-up."""
    return (numerator * 20000 + denominator) // (denominator * 2)


def shown(value):
    return f"{value // 100},{value % 100:02} %"


class Check:
    def __init__(self):
        self.failures = 0

    def that(self, holds, sentence):
        if not holds:
            self.failures += 1
            print(f"FAILED: {sentence}")


def check_bytes(check):
    for path in sorted(FOLDER.iterdir()):
        if path.suffix not in (".csv", ".toml", ".md", ".py"):
            continue
        content = path.read_bytes()
        text = content.decode("utf-8")
        check.that(unicodedata.normalize("NFC", text) == text, f"{path.name} is NFC")
        check.that(b"\r" not in content and not content.startswith(b"\xef\xbb\xbf"), f"{path.name}: LF, no BOM")
        check.that(content.endswith(b"\n") and not content.endswith(b"\n\n"), f"{path.name} ends in one newline")
    for name, content in build().items():
        check.that((FOLDER / name).read_bytes() == content, f"{name} is what make_sample.py writes")
    check.that((FOLDER / "figures.csv").stat().st_size < 1_000_000, "figures.csv is under 1 MB")


def check_units(check, units):
    kinds = Counter(unit["kind"] for unit in units)
    expected = {"tinh": 1, "so": 16, "ban": 2, "don_vi_truc_thuoc": 1, "thanh_pho": 1, "huyen": 9, "xa": 182,
                "phuong": 10, "thi_tran": 17}
    check.that(len(units) == 239 and kinds == expected, "239 units of the kinds of 2022")
    codes = {unit["code"] for unit in units}
    check.that(len(codes) == 239, "unit codes are unique")
    check.that(all(unit["parent_code"] in codes for unit in units if unit["kind"] != "tinh"), "parents exist")
    names = defaultdict(set)
    for unit in units:
        names[fold(unit["name"])].add(unit["code"])
        if unit["kind"] not in DEPARTMENT_KINDS:
            names[fold("UBND " + unit["name"])].add(unit["code"])
    taken = {}
    for unit in units:
        for alias in unit["aliases"].split(";") if unit["aliases"] else []:
            folded = fold(alias)
            check.that(alias == alias.strip() and alias, f"{unit['code']}: alias {alias!r} is bare")
            check.that(folded not in taken, f"alias {alias} means one unit")
            check.that(folded not in names, f"alias {alias} is no unit's name")
            taken[folded] = unit["code"]
        if unit["kind"] in DEPARTMENT_KINDS:
            first = unit["aliases"].split(";")[0]
            check.that(first and len(first) < len(unit["name"]), f"{unit['code']} has a short form")


def check_contacts(check, units, contacts):
    heads = [row for row in contacts if row["office"] == "head"]
    addressees = [unit["code"] for unit in units if unit["kind"] != "tinh"]
    check.that([row["unit_code"] for row in heads] == addressees and len(heads) == 238, "238 heads in unit order")
    focal = [row for row in contacts if row["office"] != "head"]
    check.that([(row["unit_code"], row["office"]) for row in focal] == [("24", "focal_point")], "one focal point")
    emails = [row["email"] for row in contacts]
    check.that(len({email.lower() for email in emails}) == len(emails), "e-mail addresses are unique")
    check.that(all(email.isascii() and email.endswith(".example") for email in emails), "addresses end in .example")
    check.that([row["phone"] for row in heads] == [f"0900 000 {n:03}" for n in range(1, 239)], "phones in unit order")
    check.that(all(row["valid_from"] == "2022-01-01" and not row["valid_to"] for row in contacts), "contacts since 2022")


def check_row(check, row, place):
    fees = [row[name] for name in ("fee_transactions", "paid_on_portal", "paid_cashless_other")]
    results = [row[name] for name in ("results_due", "results_electronic")]
    check.that(fees.count(None) in (0, 3), f"{place}: fee columns are empty together")
    check.that(results.count(None) in (0, 2), f"{place}: result columns are empty together")
    dossiers = [row["received"], row["received_online"]]
    check.that(None not in dossiers, f"{place}: dossiers are reported")
    if fees.count(None) in (1, 2) or results.count(None) == 1 or None in dossiers:
        return
    check.that(row["received_online"] <= row["received"], f"{place}: online ≤ received")
    check.that(results[0] is None or results[1] <= results[0] <= row["received"], f"{place}: e-results ≤ due ≤ received")
    check.that(fees[0] is None or fees[1] + fees[2] <= fees[0] <= row["received"], f"{place}: paid ≤ fees ≤ received")
    online, active = row["services_online"], row["services_online_with_dossiers"]
    check.that(online in (0, 1) and active in (0, 1), f"{place}: service columns are 0 or 1")
    check.that(active == int(row["received_online"] > 0), f"{place}: with dossiers exactly when one came online")
    check.that(active <= online, f"{place}: dossiers online need an online service")


def sum_up(rows):
    """Per unit: the sum of each count; services counted once over the year. None: never reported."""
    totals = defaultdict(lambda: dict.fromkeys(MEASURES))
    services = defaultdict(set)
    for row in rows:
        total = totals[row["unit_code"]]
        for name in MEASURES[:7]:
            if row[name] is not None:
                total[name] = (total[name] or 0) + row[name]
        for name in MEASURES[7:]:
            if row[name]:
                services[row["unit_code"], name].add(row["service_code"])
    for code, total in totals.items():
        for name in MEASURES[7:]:
            total[name] = len(services[code, name])
    return totals


def check_figures(check, units, services, rows):
    keys = {(row["period"], row["unit_code"], row["service_code"]) for row in rows}
    check.that(len(keys) == len(rows), "one row per month, unit and service")
    check.that({row["period"] for row in rows} == set(MONTHS), "January to October 2022")
    check.that(all(n == 10 for n in Counter((r["unit_code"], r["service_code"]) for r in rows).values()), "ten months each")
    known = {unit["code"]: unit["kind"] for unit in units if unit["kind"] != "tinh"}
    check.that({row["unit_code"] for row in rows} <= set(known), "figures of known units only")
    check.that({row["service_code"] for row in rows} <= {s["code"] for s in services}, "figures of known services only")
    check.that(len({s["code"] for s in services}) == len(services), "service codes are unique")
    for line, row in enumerate(rows, 2):
        check_row(check, row, f"figures.csv:{line}")
    per_unit = Counter(code for code, _ in {(row["unit_code"], row["service_code"]) for row in rows})
    check.that(all(4 <= n <= 8 for n in per_unit.values()), "four to eight services a unit")
    return known


def standing(total, indicator):
    numerator, denominator, _, target, minimum = INDICATORS[indicator]
    whole = total[denominator]
    if not whole or whole < minimum:
        return None
    return total[numerator] * 100 >= target * whole


def check_province(check, totals):
    for indicator, (numerator, denominator, expected, _, _) in INDICATORS.items():
        top = sum(total[numerator] or 0 for total in totals.values())
        whole = sum(total[denominator] or 0 for total in totals.values())
        print(f"{indicator}: {numerator} {top} / {denominator} {whole} = {shown(hundredths(top, whole))}")
        check.that(hundredths(top, whole) == expected, f"{indicator} of the province is {shown(expected)}")
        if indicator == "active_services":
            check.that(top * 100 == whole * 55, "active_services is exactly 55 %")
        counts = Counter(standing(total, indicator) for total in totals.values())
        rates = sorted(hundredths(t[numerator], t[denominator]) for t in totals.values() if t[denominator])
        print(f"  met {counts[True]}, below {counts[False]}, not assessed {counts[None]}; units from {shown(rates[0])} "
              f"over {shown(rates[len(rates) // 2])} to {shown(rates[-1])}")


def check_special(check, known, totals):
    above = sorted(code for code, total in totals.items() if all(standing(total, name) for name in INDICATORS))
    print("on or above every target:", " ".join(above))
    check.that(above == sorted(ABOVE_EVERY_TARGET), "the units on or above every target are the named ones")
    check.that(len({known[code] for code in above}) >= 4, "they are of several kinds")
    no_fees = sorted(code for code, total in totals.items() if total["fee_transactions"] is None)
    print("without fee procedures:", " ".join(no_fees))
    check.that(no_fees == sorted(WITHOUT_FEES), "the units without fee procedures are the named ones")
    few = [code for code, total in totals.items() if total["received"] < 10]
    print("too few dossiers:", " ".join(f"{code} ({totals[code]['received']})" for code in few))
    check.that(few == [TOO_FEW] and known[TOO_FEW] in COMMUNE_KINDS, "one commune has fewer than ten dossiers")
    missing = [code for code in known if code not in totals]
    print("no rows:", " ".join(missing))
    check.that(missing == [NO_DATA] and known[NO_DATA] in COMMUNE_KINDS, "one commune has no rows")
    half = totals[EXACTLY_HALF_ONLINE]
    check.that(half["received_online"] * 2 == half["received"], "one commune filed exactly half online")


def check_spread(check, known, totals, rows):
    for code, total in totals.items():
        low, high = ((200, 20_000) if known[code] in DEPARTMENT_KINDS else
                     (3_000, 10_000) if known[code] in DISTRICT_KINDS else (300, 1_500))
        check.that(code == TOO_FEW or low <= total["received"] <= high, f"{code}: {total['received']} dossiers")
        for numerator, denominator, _, target, _ in INDICATORS.values():
            if total[denominator]:
                rounded = hundredths(total[numerator], total[denominator])
                misses = total[numerator] * 100 < target * total[denominator]
                check.that(not (misses and rounded >= target * 100), f"{code}: {numerator} rounds up to its target")
    online = sorted(hundredths(t["received_online"], t["received"]) for t in totals.values())
    check.that(750 <= online[0] < 1200 and 9000 < online[-1] <= 9700, "online filing spreads widely")
    paid = [hundredths(t["paid_on_portal"], t["fee_transactions"]) for t in totals.values() if t["fee_transactions"]]
    check.that(sum(rate < 1500 for rate in paid) * 100 > 80 * len(paid), "portal payment is mostly under 15 %")
    check.that(8 <= sum(rate >= 3000 for rate in paid) <= 30, "a few reach 30 % on the portal")
    other = [t["paid_cashless_other"] * 100 >= 20 * t["fee_transactions"] for t in totals.values() if t["fee_transactions"]]
    print(f"cashless outside the portal: {sum(other)} units at 20 % or more, {len(other) - sum(other)} below")
    check.that(min(sum(other), len(other) - sum(other)) >= 10, "cashless payment elsewhere is both high and low")
    halves = [sum_up([r for r in rows if (r["period"] < "2022-06") == early]) for early in (True, False)]
    moves = [[hundredths(half[code]["received_online"], half[code]["received"]) for half in halves] for code in totals
             if all(half[code]["received"] for half in halves)]
    rising, falling = sum(b > a + 200 for a, b in moves), sum(b < a - 200 for a, b in moves)
    print(f"online filing, January-May to June-October: {rising} units rise by over 2 points, {falling} fall")
    check.that(min(rising, falling) >= 20, "units rise and fall")
    check.that(len({tuple(total.values()) for total in totals.values()}) == len(totals), "no two units are alike")


def run_check():
    check = Check()
    check_bytes(check)
    tables = {name: read_table((FOLDER / name).read_bytes())
              for name in ("units.csv", "contacts.csv", "services.csv", "figures.csv")}
    units, rows = tables["units.csv"], tables["figures.csv"]
    for row in rows:
        for name in MEASURES:
            row[name] = int(row[name]) if row[name] else None
    check_units(check, units)
    check_contacts(check, units, tables["contacts.csv"])
    known = check_figures(check, units, tables["services.csv"], rows)
    if check.failures:
        return 1  # totals of broken rows mean nothing
    totals = sum_up(rows)
    print(f"{len(units)} units, {len(tables['contacts.csv'])} contacts, {len(tables['services.csv'])} services, "
          f"{len(rows)} rows of figures")
    check_province(check, totals)
    check_special(check, known, totals)
    check_spread(check, known, totals, rows)
    return 1 if check.failures else 0


def main(arguments):
    if arguments == ["--check"]:
        return run_check()
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    for name, content in build().items():
        (FOLDER / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
