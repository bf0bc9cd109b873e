import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import Synchronization

/// The body of an answer to `/ledger/events`: what is there, then what comes, until the limit, the
/// end of the wait, the end of the key, or the end of the server.
///
/// It waits without a thread: an event that becomes durable wakes it.
final class FeedSource: BodySource {
  private struct State {
    var reader: FeedReader
    /// Made already, to be sent first.
    var first: [UInt8]
    /// Kept while it waits.
    var watch: Watch?
    /// When it last said anything.
    var lastSign: Milliseconds
    var hasSaidSomething = false
  }

  /// On a clock that never goes back.
  typealias Milliseconds = Int64

  private let ledger: Ledger
  private let caller: Caller
  private let form: FeedReader.Form
  /// When the wait for a first event is over; lines only.
  private let deadline: Milliseconds
  private let clock: any Clock
  private let state: Mutex<State>

  /// - Parameters:
  ///   - ledger: Whose events are told.
  ///   - caller: Whose key is checked before each part.
  ///   - reader: Where it stands.
  ///   - first: What it has read already.
  ///   - wait: How long lines wait for a first event, in milliseconds.
  ///   - clock: For how long to wait.
  init(
    _ ledger: Ledger, _ caller: Caller, _ reader: FeedReader, first: [UInt8], wait: Milliseconds,
    clock: any Clock
  ) {
    self.ledger = ledger
    self.caller = caller
    form = reader.form
    self.clock = clock
    let now = clock.milliseconds
    deadline = now + wait
    let opening = form == .serverSentEvents ? Array(":\n\n".utf8) : []
    state = Mutex(State(reader: reader, first: opening + first, lastSign: now))
  }

  /// Proxies and people give up on a stream that says nothing.
  static let heartbeat: Milliseconds = 15_000

  func next(_ wake: Wake) -> BodyPart {
    state.withLock { state in
      state.watch = nil
      let view = ledger.now
      guard (try? caller.check(in: view)) != nil else { return .end }
      if !state.first.isEmpty {
        defer { state.first = [] }
        state.hasSaidSomething = true
        return .bytes(state.first)
      }
      do throws(LedgerError) {
        let part = try state.reader.part(of: view)
        if !part.isEmpty {
          state.lastSign = clock.milliseconds
          state.hasSaidSomething = true
          return .bytes(part)
        }
      } catch { return .fail }
      guard state.reader.remaining > 0 else { return .end }
      if state.reader.position < view.position { return .wait(milliseconds: 0) }
      return idle(&state, wake)
    }
  }

  func end() { state.withLock { $0.watch = nil } }

  private func idle(_ state: inout State, _ wake: Wake) -> BodyPart {
    let now = clock.milliseconds
    let end: Milliseconds
    switch form {
    case .lines:
      guard !state.hasSaidSomething, now < deadline else { return .end }
      end = deadline
    case .serverSentEvents:
      if now - state.lastSign >= Self.heartbeat {
        state.lastSign = now
        return .bytes(state.reader.sign())
      }
      end = state.lastSign + Self.heartbeat
    }
    guard let watch = ledger.watch(behind: state.reader.position, { wake() }) else { return .end }
    state.watch = watch
    return .wait(milliseconds: Int(end - now))
  }
}

extension Clock {
  /// Since some fixed moment; never goes back.
  fileprivate var milliseconds: FeedSource.Milliseconds { monotonic / 1_000 }
}
