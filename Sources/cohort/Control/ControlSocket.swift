import CPlatform
import Glibc

/// A number of the system that is closed when nobody needs it any more.
final class OwnedDescriptor: Sendable {
  let number: Int32

  /// - Parameter number: Not one of a standard stream, whatever was closed: it is moved up then.
  init(_ number: Int32) {
    guard (0...2).contains(number) else {
      self.number = number
      return
    }
    self.number = fcntl(number, F_DUPFD_CLOEXEC, 3)
    _ = close(number)
  }

  deinit { if number >= 0 { _ = close(number) } }
}

/// What the system said instead of doing it.
struct SystemReason: Error, Hashable {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  /// Such as `errno 13, Permission denied`.
  var words: String {
    let text = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "unknown"
    return "errno \(number), \(text)"
  }
}

/// One end of a connection over the control socket.
///
/// The socket is `control.sock` in the storage folder, for its owner alone.
struct ControlSocket: Sendable {
  static let name = "control.sock"

  let descriptor: OwnedDescriptor

  init(_ descriptor: OwnedDescriptor) { self.descriptor = descriptor }

  /// Calls the server of a folder.
  ///
  /// - Returns: `nil` if there is none: no socket, or one that a dead server left.
  static func connect(in folder: String) throws(SystemReason) -> ControlSocket? {
    let socket = try ControlAddress.socket()
    do throws(SystemReason) {
      let address = try ControlAddress(name, in: folder)
      while true {
        let outcome = unsafe address.withPointer { unsafe Glibc.connect(socket.number, $0, $1) }
        if outcome == 0 { return ControlSocket(socket) }
        if errno != EINTR { throw SystemReason(errno) }
      }
    } catch {
      switch error.number {
      case ENOENT, ENOTDIR, ECONNREFUSED: return nil
      default: throw error
      }
    }
  }

  /// The process and the user at the other end.
  var peer: (process: Int32, user: UInt32)? {
    var (process, user): (Int32, UInt32) = (0, 0)
    guard unsafe platform_peer(descriptor.number, &process, &user) == 0 else { return nil }
    return (process, user)
  }

  // MARK: Messages

  /// Sends a message, and with it copies of descriptors.
  func send(_ bytes: [UInt8], with descriptors: [Int32] = []) throws(SystemReason) {
    var (rest, descriptors) = (bytes[...], descriptors)
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { bytes in
        unsafe platform_send_descriptors(
          descriptor.number, bytes.baseAddress, bytes.count, descriptors, descriptors.count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw SystemReason(errno)
      }
      rest = rest.dropFirst(count)
      descriptors = []
    }
  }

  /// Receives the body of a message, and the descriptors that come with its first byte.
  ///
  /// - Returns: `nil` if the other end is gone, or says what is no message.
  func receive() throws(SystemReason) -> (body: [UInt8], descriptors: [OwnedDescriptor])? {
    let (first, numbers) = try receiveFirst()
    let descriptors = numbers.map { OwnedDescriptor($0) }
    guard let head = try receive(ControlMessage.headSize, begun: first),
      let size = ControlMessage.bodySize(head), let body = try receive(size, begun: [])
    else { return nil }
    return (body, descriptors)
  }

  private func receiveFirst() throws(SystemReason) -> (bytes: [UInt8], descriptors: [Int32]) {
    var numbers = [Int32](repeating: -1, count: ControlMessage.descriptorsMax)
    var bytes = [UInt8](repeating: 0, count: ControlMessage.headSize)
    while true {
      var (room, found) = (bytes.count, numbers.count)
      room = unsafe bytes.withUnsafeMutableBytes { bytes in
        unsafe platform_receive_descriptors(
          descriptor.number, bytes.baseAddress, bytes.count, &numbers, &found)
      }
      if room >= 0 { return (Array(bytes.prefix(room)), Array(numbers.prefix(found))) }
      if errno != EINTR { throw SystemReason(errno) }
    }
  }

  /// Receives so many bytes; `nil` if the other end is gone before.
  private func receive(_ size: Int, begun: [UInt8]) throws(SystemReason) -> [UInt8]? {
    var bytes = begun
    bytes.reserveCapacity(size)
    while bytes.count < size {
      var reason: Int32 = 0
      let part = unsafe [UInt8](unsafeUninitializedCapacity: min(size - bytes.count, 1 << 16)) {
        let count = unsafe recv(descriptor.number, $0.baseAddress, $0.count, 0)
        (reason, $1) = (count < 0 ? errno : 0, max(count, 0))
      }
      if reason == EINTR { continue }
      if reason != 0 { throw SystemReason(reason) }
      if part.isEmpty { return nil }
      bytes += part
    }
    return bytes
  }
}

/// Where a socket stands in the file system.
///
/// The system takes paths of at most 107 bytes here. A longer one is walked to first, and then
/// named by the folder's descriptor.
struct ControlAddress {
  private let path: [UInt8]
  private let folder: OwnedDescriptor?

  init(_ name: String, in folder: String) throws(SystemReason) {
    let direct = Array("\(folder)/\(name)".utf8)
    if direct.count <= Self.pathSizeMax {
      (path, self.folder) = (direct, nil)
      return
    }
    let opened = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0 else { throw SystemReason(errno) }
    let owned = OwnedDescriptor(opened)
    (path, self.folder) = (Array("/proc/self/fd/\(owned.number)/\(name)".utf8), owned)
  }

  static func socket(_ flags: Int32 = 0) throws(SystemReason) -> OwnedDescriptor {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | flags
    let number = Glibc.socket(AF_UNIX, kind, 0)
    guard number >= 0 else { throw SystemReason(errno) }
    return OwnedDescriptor(number)
  }

  func withPointer(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
    return unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  static var pathSizeMax: Int { MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1 }
}
