import CPlatform
import Glibc
import Synchronization

/// What other threads tell a loop.
enum Mail: Sendable {
  case answer(ClientID, UInt64, Response)
  case taken(ClientID, UInt64, any BodyReceiver, Response?)
  case gave(ClientID, UInt64, any BodySource, BodyPart)
  case wake(ClientID, UInt64)
  case listen(Int32)
  case adopt(Int32, isRefused: Bool)
  /// In microseconds of the loop's clock.
  case stop(by: Int64)
}

/// Names a connection of a loop; never used for another one.
struct ClientID: Hashable, Sendable {
  let slot: UInt32
  let generation: UInt32

  var token: UInt64 { UInt64(generation) << 32 | UInt64(slot) }

  init(slot: UInt32, generation: UInt32) {
    self.slot = slot
    self.generation = generation
  }

  init(token: UInt64) {
    slot = UInt32(truncatingIfNeeded: token)
    generation = UInt32(truncatingIfNeeded: token >> 32)
  }
}

/// The mail of one loop: any thread posts, the loop takes.
///
/// The loop is woken through an eventfd, once, and only if it sleeps: a thousand answers that come
/// while it works cost no system call.
final class Mailbox: Sendable {
  private struct State {
    var mail: [Mail] = []
    var isAsleep = false
    var isClosed = false
  }

  private let state = Mutex(State())
  let descriptor: Int32

  /// `nil` if there are no more descriptors; see errno.
  init?() {
    let descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard descriptor >= 0 else { return nil }
    self.descriptor = descriptor
  }

  deinit { _ = Glibc.close(descriptor) }

  /// - Returns: Whether it will be read; after the loop's end nothing is.
  @discardableResult
  func post(_ mail: Mail) -> Bool {
    let (isTaken, isToWake) = state.withLock { state in
      if state.isClosed { return (false, false) }
      state.mail.append(mail)
      defer { state.isAsleep = false }
      return (true, state.isAsleep)
    }
    if isToWake {
      // It fails only if the counter is at its end, so if the loop is to wake anyway.
      _ = retried { eventfd_write(descriptor, 1) }
    }
    return isTaken
  }

  /// Takes all there is.
  func take() -> [Mail] {
    state.withLock { state in
      guard !state.mail.isEmpty else { return [] }
      let mail = state.mail
      state.mail = []
      return mail
    }
  }

  /// Declares that the loop sleeps.
  ///
  /// - Returns: `false` if there is mail to be read first.
  func fallAsleep() -> Bool {
    state.withLock { state in
      state.isAsleep = state.mail.isEmpty
      return state.isAsleep
    }
  }

  /// The loop is awake again, for whatever reason.
  func wakeUp() { state.withLock { $0.isAsleep = false } }

  /// Takes note that it was called, so that it is not called for the same again.
  func answerCall() {
    var count: eventfd_t = 0
    _ = unsafe eventfd_read(descriptor, &count)
  }

  /// Takes what is left, and nothing more from then on.
  func close() -> [Mail] {
    state.withLock { state in
      defer { state = State(mail: [], isAsleep: false, isClosed: true) }
      return state.mail
    }
  }
}
