import CohortFormat
import CohortLog
import CohortModel
import CohortThreads
import Synchronization

/// Writes frames: one write, one sync, then the state is published and the answers leave.
///
/// It has a thread of its own, so that the next group is decided while one is on its way. A group
/// of one small request behind which nobody waits is written by the writer itself, when the thread
/// has nothing to do: to hand it over would cost as much as it could save.
///
/// Never two groups at a time; nobody else touches the writing side of the log.
final class DiskWorker: Sendable {
  private let exchange: Monitor<Exchange>
  /// Rung when there is something to do, so that the thread sleeps through all else.
  private let bell = Monitor(false)
  private let published: Mutex<Durable>
  private let time: TimeKeeper
  private let watchers: Watchers
  let log: Log

  init(
    _ log: Log, _ exchange: Monitor<Exchange>, _ time: TimeKeeper, _ durable: Durable,
    _ watchers: Watchers
  ) {
    self.log = log
    self.exchange = exchange
    self.time = time
    self.watchers = watchers
    self.published = Mutex(durable)
  }

  var durable: Durable { published.withLock { $0 } }

  /// Publishes what another process has made durable.
  func publish(_ core: Core) {
    published.withLock { $0 = Durable(core: core, builder: $0.builder) }
    watchers.publish(core.state.position)
  }

  func run() {
    while true {
      bell.wait { isRung in
        defer { isRung = false }
        return isRung ? () : nil
      }
      while let work = exchange.adjust({ Self.next(&$0) }) {
        switch work {
        case .group(let group): write(group)
        case .stop:
          exchange.change { $0.endThread() }
          return
        }
      }
    }
  }

  /// Hands a group to the thread, which must have nothing to do.
  func hand(_ group: Group) {
    exchange.adjust { $0.handed = group }
    ring()
  }

  /// Writes a group on the thread of the caller, while the worker's has nothing to do.
  func writeHere(_ group: Group) {
    let isAbandoned = exchange.adjust { exchange in
      if !exchange.isAbandoned { exchange.begin(group) }
      return exchange.isAbandoned
    }
    if isAbandoned { return giveUp(group) }
    write(group)
  }

  /// Ends the thread behind what was handed over.
  func stop() {
    exchange.adjust { $0.diskStops = true }
    ring()
  }

  /// Has the thread look what there is to do.
  func ring() { bell.change { $0 = true } }

  private func giveUp(_ group: Group) {
    time.end(group.time, isDurable: false)
    for reply in group.replies { reply.fail(.shuttingDown) }
  }

  private enum Work {
    case group(Group)
    case stop
  }

  private static func next(_ exchange: inout Exchange) -> Work? {
    if let group = exchange.takeHanded() { return .group(group) }
    return exchange.diskStops ? .stop : nil
  }

  private func write(_ group: Group) {
    if let frame = group.frame {
      do {
        try log.append(frame)
      } catch {
        fail(group, error)
        return
      }
      if let durable = group.durable {
        published.withLock { $0 = durable }
        watchers.publish(durable.core.state.position)
      }
    }
    time.end(group.time, isDurable: group.frame != nil)
    let durable = durable
    for reply in exchange.adjust({ $0.takeSettled() }) {
      reply.settle(durable: durable.core.state.position, durable.core.state.time)
    }
    exchange.change { $0.diskIsBusy = false }
  }

  /// The frame is not there, or nobody knows.
  ///
  /// Everything decided on it fails with it.
  private func fail(_ group: Group, _ error: LogError) {
    let failure = LedgerError(writing: error)
    time.end(group.time, isDurable: false)
    let replies = exchange.change { exchange in
      exchange.failure = failure
      if log.isStopped { exchange.stopped = .writesStopped(error.description) }
      exchange.diskIsBusy = false
      return exchange.takeSettled()
    }
    for reply in replies { reply.fail(failure) }
  }
}

extension LedgerError {
  /// What a failure of the log means to those whose requests were in the frame.
  init(writing error: LogError) {
    switch error {
    case .diskFull: self = .diskFull
    case .notWritten: self = .notWritten
    case .outcomeUnknown: self = .outcomeUnknown
    case .stopped, .replaced: self = .writesStopped(error.description)
    case .readOnly: self = .readOnly(error.description)
    default: self = .storage(LogFailure(error))
    }
  }
}
