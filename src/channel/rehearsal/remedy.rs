//! What to do where a dialogue failed, for the person who set the channel up: in Vietnamese, in English.

use super::{Cause, Stage};

#[expect(clippy::too_many_lines, reason = "one table")]
pub(super) const fn of(stage: Stage, cause: Cause) -> [&'static str; 2] {
    match (stage, cause) {
        (Stage::Name, _) => [
            "Không tìm thấy máy chủ: kiểm tra tên trong `relay` và cấu hình DNS của máy này.",
            "The server is not found: check the name in `relay` and this machine's DNS.",
        ],
        (Stage::Connect, Cause::Late) => [
            "Máy chủ không trả lời: tường lửa có thể đang chặn cổng. Đề nghị mở cổng, hoặc thử cổng 587, 465.",
            "The server does not answer: a firewall may close the port. Open it, or try port 587 or 465.",
        ],
        (Stage::Connect, _) => [
            "Kết nối bị từ chối: kiểm tra cổng trong `relay`; dịch vụ thư có thể chưa chạy.",
            "The connection is refused: check the port in `relay`; the mail service may not be running.",
        ],
        (Stage::Tls, Cause::Certificate) => [
            "Chứng thư của máy chủ không được tin cậy: tên trong `relay` phải trùng tên trong chứng thư; nếu là chứng thư \
             do đơn vị tự cấp thì khai báo `ca_file`.",
            "The server's certificate is not trusted: the name in `relay` must be the one in the certificate; name `ca_file` if your office issued it.",
        ],
        (Stage::Tls, _) => [
            "Không thiết lập được TLS: cổng 465 dùng smtps://, cổng 587 dùng smtp+starttls://.",
            "TLS cannot be set up: port 465 takes smtps://, port 587 smtp+starttls://.",
        ],
        (Stage::Greeting, Cause::Said(400..500)) => {
            ["Máy chủ đang bận: thử lại sau ít phút.", "The server is busy: try again in a few minutes."]
        }
        (Stage::Greeting, Cause::Said(_)) => [
            "Máy chủ không phục vụ máy này: đề nghị quản trị máy chủ thư cho phép địa chỉ IP của máy này.",
            "The server does not serve this machine: ask its administrator to admit this machine's IP address.",
        ],
        (Stage::Greeting, _) => [
            "Máy chủ nhận kết nối nhưng không chào: nếu cổng này dùng TLS ngay từ đầu (465) thì đổi `relay` sang smtps://.",
            "The server takes the connection and says nothing: if the port speaks TLS from the start (465), write smtps:// in `relay`.",
        ],
        (Stage::Hello, _) => [
            "Máy chủ không tiếp tục sau EHLO: kiểm tra tên của máy này và nhật ký của máy chủ thư.",
            "The server does not go on after EHLO: check this machine's name and the mail server's log.",
        ],
        (Stage::StartTls, Cause::NotOffered) => [
            "Máy chủ không hỗ trợ STARTTLS ở cổng này: dùng cổng 587, hoặc smtps:// với cổng 465. Không gửi gì khi chưa mã hóa.",
            "The server offers no STARTTLS on this port: take port 587, or smtps:// with port 465. Nothing is sent unencrypted.",
        ],
        (Stage::StartTls, _) => [
            "Máy chủ không bắt đầu được TLS: xem nhật ký của máy chủ thư, hoặc dùng smtps:// với cổng 465.",
            "The server cannot begin TLS: see its log, or take smtps:// with port 465.",
        ],
        (Stage::Login, Cause::NotOffered) => [
            "Máy chủ không nhận đăng nhập theo cách an toàn ở cổng này: dùng smtp+starttls:// hoặc smtps://; nếu máy chủ cho \
             gửi theo địa chỉ IP thì bỏ `user` và mật khẩu.",
            "The server takes no secure login on this port: write smtp+starttls:// or smtps://; if it admits senders by IP address, leave out `user` and the password.",
        ],
        (Stage::Login, Cause::Said(400..500)) => [
            "Máy chủ tạm thời chưa xử lý được đăng nhập: thử lại sau ít phút.",
            "The server cannot handle the login now: try again in a few minutes.",
        ],
        (Stage::Login, _) => [
            "Đăng nhập không được: kiểm tra `user` và `password_file`. Một số hệ thống thư yêu cầu mật khẩu ứng dụng.",
            "The login fails: check `user` and `password_file`. Some mail systems want an app password.",
        ],
        (Stage::Sender, Cause::Said(530)) => [
            "Máy chủ yêu cầu đăng nhập: khai báo `user` và `password_file`.",
            "The server wants a login: set `user` and `password_file`.",
        ],
        (Stage::Sender, Cause::Said(400..500)) => [
            "Máy chủ tạm thời chưa nhận thư: thử lại sau ít phút.",
            "The server takes no mail now: try again in a few minutes.",
        ],
        (Stage::Sender, _) => [
            "Máy chủ không cho gửi từ địa chỉ này: `from` và `return_path` phải là địa chỉ mà tài khoản đăng nhập được phép dùng.",
            "The server does not let this address send: `from` and `return_path` must be addresses that the account may use.",
        ],
        (Stage::Recipient, Cause::Said(400..500)) => [
            "Người nhận tạm thời chưa được chấp nhận: thử lại sau ít phút; thư nhắc việc thì hệ thống tự gửi lại.",
            "The recipient is not accepted now: try again in a few minutes; reminders are repeated by themselves.",
        ],
        (Stage::Recipient, _) => [
            "Máy chủ không nhận thư cho người này: địa chỉ sai, hoặc máy chủ không chuyển thư ra ngoài khi chưa đăng nhập.",
            "The server takes no mail for this recipient: the address is wrong, or it relays nothing without a login.",
        ],
        (Stage::Data, Cause::Said(400..500)) => [
            "Máy chủ tạm thời chưa nhận nội dung thư: thử lại sau ít phút.",
            "The server does not take the content now: try again in a few minutes.",
        ],
        (Stage::Data, Cause::Said(552)) => [
            "Thư vượt dung lượng cho phép của máy chủ: đề nghị tăng giới hạn.",
            "The mail is larger than the server allows: ask for a higher limit.",
        ],
        (Stage::Data, Cause::Late | Cause::Broken) => [
            "Thư đã gửi nhưng máy chủ không trả lời: thư có thể đã đến, hãy xem hộp thư nhận trước khi thử lại.",
            "The mail was sent and the server did not answer: it may have arrived; look into the mailbox before trying again.",
        ],
        (Stage::Data, _) => [
            "Máy chủ từ chối nội dung thư: gửi bản ghi trên cho quản trị máy chủ thư; kiểm tra SPF, DKIM của tên miền.",
            "The server refuses the content: send the record above to its administrator; check SPF and DKIM of the domain.",
        ],
    }
}
