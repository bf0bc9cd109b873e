import CPlatform
import Glibc

/// Waits for many sockets at once: epoll(7).
@safe struct Poller: ~Copyable {
  /// What has become possible.
  struct Event {
    let token: UInt64
    let isReadable: Bool
    let isWritable: Bool
    /// The peer has ended its half, or more.
    let isEnding: Bool
    /// Nothing more can come or go.
    let isLost: Bool
  }

  private let descriptor: Int32
  private var events: [epoll_event]

  /// A descriptor for ``init(_:)``; `nil` if there are no more, see errno.
  static func open() -> Int32? {
    let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    return descriptor < 0 ? nil : descriptor
  }

  /// Takes over a descriptor.
  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    unsafe events = [epoll_event](repeating: epoll_event(), count: 256)
  }

  deinit { _ = close(descriptor) }

  /// Reports what becomes possible from now on, once each time it does.
  func addConnection(_ socket: Int32, _ token: UInt64) -> Bool {
    control(
      EPOLL_CTL_ADD, socket,
      EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue, token)
  }

  /// Reports as long as there is something to read.
  func add(_ descriptor: Int32, _ token: UInt64) -> Bool {
    control(EPOLL_CTL_ADD, descriptor, EPOLLIN.rawValue, token)
  }

  func pause(_ descriptor: Int32, _ token: UInt64) {
    _ = control(EPOLL_CTL_MOD, descriptor, 0, token)
  }

  func resume(_ descriptor: Int32, _ token: UInt64) {
    _ = control(EPOLL_CTL_MOD, descriptor, EPOLLIN.rawValue, token)
  }

  /// - Returns: How many events there are; 0 when the time is over or a signal has come.
  mutating func wait(milliseconds: Int32) -> Int {
    let count = unsafe epoll_wait(descriptor, &events, Int32(events.count), milliseconds)
    return max(0, Int(count))
  }

  subscript(index: Int) -> Event {
    let event = unsafe events[index]
    let bits = unsafe event.events
    return unsafe Event(
      token: event.data.u64, isReadable: bits & EPOLLIN.rawValue != 0,
      isWritable: bits & EPOLLOUT.rawValue != 0, isEnding: bits & EPOLLRDHUP.rawValue != 0,
      isLost: bits & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0)
  }

  private func control(
    _ operation: Int32, _ descriptor: Int32, _ bits: UInt32, _ token: UInt64
  ) -> Bool {
    var event = unsafe epoll_event(events: bits, data: epoll_data_t(u64: token))
    return unsafe epoll_ctl(self.descriptor, operation, descriptor, &event) == 0
  }
}
