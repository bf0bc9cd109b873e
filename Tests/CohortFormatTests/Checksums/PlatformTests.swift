import CPlatform
import Glibc
import TestSupport
import Testing

/// The system calls that CPlatform makes reachable do what their manual pages say.
@Suite struct `The platform` {
  @Test func `accepts connections that no child inherits and no read waits for`() {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    #expect(unsafe named(&address) { unsafe bind(listener, $0, $1.pointee) } == 0)
    #expect(listen(listener, 1) == 0)
    #expect(unsafe named(&address) { unsafe getsockname(listener, $0, $1) } == 0)

    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(client) }
    #expect(unsafe named(&address) { unsafe connect(client, $0, $1.pointee) } == 0)
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let accepted = platform_accept4(listener, flags)
    defer { close(accepted) }
    #expect(accepted >= 0)
    #expect(fcntl(accepted, F_GETFL) & O_NONBLOCK != 0)
    #expect(fcntl(accepted, F_GETFD) & FD_CLOEXEC != 0)
    #expect(platform_accept4(-1, flags) == -1)
    #expect(errno == EBADF)
  }

  @Test func `renames without replacing, and exchanges`() throws {
    let folder = try TemporaryFolder()
    let (one, other) = (folder.path + "/one", folder.path + "/other")
    func moved(_ from: String, _ to: String) -> Int32 {
      unsafe platform_rename_no_replace(from, to)
    }
    func exchanged(_ one: String, _ other: String) -> Int32 {
      unsafe platform_rename_exchange(one, other)
    }
    make(one, holding: "")
    #expect(moved(one, other) == 0)
    #expect(size(of: one) == nil && size(of: other) == 0)

    make(one, holding: "1")
    #expect(moved(one, other) == -1)
    #expect(errno == EEXIST)
    #expect(size(of: one) == 1 && size(of: other) == 0)
    #expect(exchanged(one, other) == 0)
    #expect(size(of: one) == 0 && size(of: other) == 1)
  }

  @Test func `wakes an epoll through an eventfd`() {
    let poll = epoll_create1(Int32(EPOLL_CLOEXEC))
    let bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    defer { close(poll) }
    defer { close(bell) }
    var event = unsafe epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: 42))
    #expect(unsafe epoll_ctl(poll, EPOLL_CTL_ADD, bell, &event) == 0)
    #expect(unsafe epoll_wait(poll, &event, 1, 0) == 0)
    #expect(eventfd_write(bell, 1) == 0)
    #expect(unsafe epoll_wait(poll, &event, 1, 0) == 1)
    #expect(unsafe event.data.u64 == 42)
  }

  @Test func `gives random bytes`() {
    var words: [UInt64] = [0, 0]
    let count = unsafe words.withUnsafeMutableBytes {
      unsafe getrandom($0.baseAddress, $0.count, 0)
    }
    #expect(count == 16)
    #expect(words[0] != words[1])
  }

  private func named(
    _ address: inout sockaddr_in,
    _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> Int32 {
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return unsafe withUnsafeMutablePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe call($0, &size) }
    }
  }

  private func make(_ path: String, holding text: String) {
    let file = unsafe open(path, O_CREAT | O_WRONLY, 0o600)
    defer { close(file) }
    #expect(unsafe write(file, text, text.utf8.count) == text.utf8.count)
  }

  /// In bytes, or nil if there is no such file.
  private func size(of path: String) -> Int? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? Int(status.st_size) : nil
  }
}
