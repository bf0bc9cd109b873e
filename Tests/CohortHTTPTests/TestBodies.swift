import CohortHTTP
import CohortThreads
import Synchronization

/// Makes what it is offered, and waits for it to be offered.
final class GatedSource: BodySource {
  private struct State {
    var parts: [String] = []
    var isFinished = false
    var wake: Wake?
  }

  private let state = Mutex(State())
  private let ended = Monitor(0)

  func offer(_ part: String) {
    let wake = state.withLock { state in
      state.parts.append(part)
      return state.wake
    }
    wake?()
  }

  func finish() {
    let wake = state.withLock { state in
      state.isFinished = true
      return state.wake
    }
    wake?()
  }

  func isEnded() -> Bool { ended.wait(milliseconds: 10_000) { $0 == 1 ? true : nil } ?? false }

  func next(_ wake: Wake) -> BodyPart {
    state.withLock { state in
      state.wake = wake
      if !state.parts.isEmpty { return .bytes(Array(state.parts.removeFirst().utf8)) }
      return state.isFinished ? .end : .wait(milliseconds: 60_000)
    }
  }

  func end() { ended.change { $0 += 1 } }
}

/// Makes 64 KiB at a time, for ever, and counts them.
final class EndlessSource: BodySource {
  let made = Monitor(0)
  let ended = Monitor(0)

  func next(_ wake: Wake) -> BodyPart {
    made.change { $0 += 65_536 }
    return .bytes([UInt8](repeating: 0x65, count: 65_536))
  }

  func end() { ended.change { $0 += 1 } }
}

/// Begins, and cannot go on.
final class FailingSource: BodySource {
  private let hasBegun = Atomic<Bool>(false)

  func next(_ wake: Wake) -> BodyPart {
    hasBegun.exchange(true, ordering: .relaxed) ? .fail : .bytes([0x66])
  }

  func end() {}
}

/// Takes bytes once its gate is open, and counts them.
final class GatedReceiver: BodyReceiver {
  let gate = Monitor(false)
  let taken = Monitor(0)
  let abandoned = Monitor(0)

  func take(_ bytes: [UInt8]) -> Response? {
    _ = gate.wait(milliseconds: 10_000) { $0 ? true : nil }
    taken.change { $0 += bytes.count }
    return nil
  }

  func finish(_ exchange: Exchange) {
    exchange.answer(Response(status: 200, body: Array("\(taken.look { $0 })".utf8)))
  }

  func abandon() { abandoned.change { $0 += 1 } }
}

/// Answers as soon as it sees a byte.
final class RefusingReceiver: BodyReceiver {
  func take(_ bytes: [UInt8]) -> Response? { Response(status: 409) }
  func finish(_ exchange: Exchange) { exchange.answer(Response(status: 200)) }
  func abandon() {}
}
