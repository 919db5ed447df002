//! What to do where a dialogue failed, for the person who set the channel up.

use super::{Cause, Stage};

pub(super) const fn of(stage: Stage, cause: Cause) -> &'static str {
    match (stage, cause) {
        (Stage::Name, _) => "Không tìm thấy máy chủ: kiểm tra tên trong `relay` và cấu hình DNS của máy này.",
        (Stage::Connect, Cause::Late) => {
            "Máy chủ không trả lời: tường lửa có thể đang chặn cổng. Đề nghị mở cổng, hoặc thử cổng 587, 465."
        }
        (Stage::Connect, _) => "Kết nối bị từ chối: kiểm tra cổng trong `relay`; dịch vụ thư có thể chưa chạy.",
        (Stage::Tls, Cause::Certificate) => {
            "Chứng thư của máy chủ không được tin cậy: tên trong `relay` phải trùng tên trong chứng thư; nếu là chứng thư \
             do đơn vị tự cấp thì khai báo `ca_file`."
        }
        (Stage::Tls, _) => "Không thiết lập được TLS: cổng 465 dùng smtps://, cổng 587 dùng smtp+starttls://.",
        (Stage::Greeting, Cause::Said(400..500)) => "Máy chủ đang bận: thử lại sau ít phút.",
        (Stage::Greeting, Cause::Said(_)) => {
            "Máy chủ không phục vụ máy này: đề nghị quản trị máy chủ thư cho phép địa chỉ IP của máy này."
        }
        (Stage::Greeting, _) => {
            "Máy chủ nhận kết nối nhưng không chào: nếu cổng này dùng TLS ngay từ đầu (465) thì đổi `relay` sang smtps://."
        }
        (Stage::Hello, _) => "Máy chủ không tiếp tục sau EHLO: kiểm tra tên của máy này và nhật ký của máy chủ thư.",
        (Stage::StartTls, Cause::NotOffered) => {
            "Máy chủ không hỗ trợ STARTTLS ở cổng này: dùng cổng 587, hoặc smtps:// với cổng 465. Không gửi gì khi chưa mã hóa."
        }
        (Stage::StartTls, _) => {
            "Máy chủ không bắt đầu được TLS: xem nhật ký của máy chủ thư, hoặc dùng smtps:// với cổng 465."
        }
        (Stage::Login, Cause::NotOffered) => {
            "Máy chủ không nhận đăng nhập theo cách an toàn ở cổng này: dùng smtp+starttls:// hoặc smtps://; nếu máy chủ cho \
             gửi theo địa chỉ IP thì bỏ `user` và mật khẩu."
        }
        (Stage::Login, Cause::Said(400..500)) => "Máy chủ tạm thời chưa xử lý được đăng nhập: thử lại sau ít phút.",
        (Stage::Login, _) => {
            "Đăng nhập không được: kiểm tra `user` và `password_file`. Một số hệ thống thư yêu cầu mật khẩu ứng dụng."
        }
        (Stage::Sender, Cause::Said(530)) => "Máy chủ yêu cầu đăng nhập: khai báo `user` và `password_file`.",
        (Stage::Sender, Cause::Said(400..500)) => "Máy chủ tạm thời chưa nhận thư: thử lại sau ít phút.",
        (Stage::Sender, _) => {
            "Máy chủ không cho gửi từ địa chỉ này: `from` và `return_path` phải là địa chỉ mà tài khoản đăng nhập được phép dùng."
        }
        (Stage::Recipient, Cause::Said(400..500)) => {
            "Người nhận tạm thời chưa được chấp nhận: thử lại sau ít phút; thư nhắc việc thì hệ thống tự gửi lại."
        }
        (Stage::Recipient, _) => {
            "Máy chủ không nhận thư cho người này: địa chỉ sai, hoặc máy chủ không chuyển thư ra ngoài khi chưa đăng nhập."
        }
        (Stage::Data, Cause::Said(400..500)) => "Máy chủ tạm thời chưa nhận nội dung thư: thử lại sau ít phút.",
        (Stage::Data, Cause::Said(552)) => "Thư vượt dung lượng cho phép của máy chủ: đề nghị tăng giới hạn.",
        (Stage::Data, Cause::Late | Cause::Broken) => {
            "Thư đã gửi nhưng máy chủ không trả lời: thư có thể đã đến, hãy xem hộp thư nhận trước khi thử lại."
        }
        (Stage::Data, _) => {
            "Máy chủ từ chối nội dung thư: gửi bản ghi trên cho quản trị máy chủ thư; kiểm tra SPF, DKIM của tên miền."
        }
    }
}
