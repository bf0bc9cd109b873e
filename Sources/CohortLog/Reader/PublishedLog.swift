import CohortFormat
import CohortModel
import Synchronization

/// What the writer of a log lets its readers see: only what is durable.
final class PublishedLog: Sendable {
  struct State: Sendable {
    /// Behind the last durable frame.
    var chain: FrameChain
    var index: LogIndex
  }

  private let state: Mutex<State>

  init(_ state: State) { self.state = Mutex(state) }

  /// Behind the last durable frame; never goes back.
  var chain: FrameChain { state.withLock { $0.chain } }

  /// Makes a frame visible that has just become durable.
  func publish(_ header: FrameHeader, behind chain: FrameChain) {
    state.withLock {
      $0.chain = chain
      $0.index.add(header)
    }
  }

  /// Asks the index without copying it.
  func index<Answer>(_ question: (borrowing LogIndex) -> Answer) -> Answer {
    state.withLock { question($0.index) }
  }
}
