import CohortFormat
import CohortLog
import CohortModel
import CohortThreads

/// The one thread that decides: takes commands, decides each against the state its predecessors
/// left, encodes what they record, and hands groups to the disk worker.
///
/// - At most one group is on its way to the disk while the next is decided on top of it.
/// - A group closes when the disk is free and nobody waits, or when it is full. One small request
///   then goes to the disk without another thread.
/// - What the start has cut off is recorded in the first frame with events, whenever that comes.
/// - If a group fails, the one decided on it fails with it, and the state is the published one
///   again: undoing is an assignment.
final class Writer: Sendable {
  let exchange: Monitor<Exchange>
  let disk: DiskWorker
  let time: TimeKeeper
  let options: WriterOptions
  /// What the start has cut off, and where it stood then.
  let torn: (tails: [TornTail], start: Position)

  init(
    _ exchange: Monitor<Exchange>, _ disk: DiskWorker, _ time: TimeKeeper, after torn: [TornTail],
    _ options: WriterOptions
  ) {
    self.torn = (torn, disk.durable.builder.chain.position)
    self.exchange = exchange
    self.disk = disk
    self.time = time
    self.options = options
  }

  func run() {
    defer { exchange.change { $0.endThread() } }
    var desk = Desk(disk.durable)
    while true {
      switch nextStep(&desk) {
      case .commands(let submissions):
        desk.undecided = submissions[...]
        while let submission = desk.undecided.first {
          if desk.isFull(options) { makeRoom(&desk) }
          decide(submission, &desk)
          desk.undecided = desk.undecided.dropFirst()
        }
        // What is left of it has no elements, and would keep those of before.
        desk.undecided = []
      case .close:
        if desk.isSmall(options) { writeHere(&desk) } else { handOver(&desk) }
      case .failed(let failure): rollBack(&desk, failure)
      case .job(let job):
        job.run(self, &desk)
        exchange.change { $0.endJob() }
      case .idle: seal(&desk)
      case .abandoned: return rollBack(&desk, .shuttingDown)
      case .end:
        seal(&desk)
        standStill(&desk)
        disk.stop()
        return
      }
    }
  }

  private enum Step {
    case commands([Submission])
    case close
    case failed(LedgerError)
    case job(Exchange.Job)
    case idle
    case abandoned
    case end
  }

  /// Looks at the desk where it lies; a copy of it is some hundred references.
  private func nextStep(_ desk: inout Desk) -> Step {
    let hasGroup = desk.group != nil
    let isFull = desk.isFull(options)
    let isSettled = desk.builder.chain.isSealed && !isUnrecorded(&desk)
    let idle = hasGroup || isSettled ? nil : options.idleMilliseconds
    let step = exchange.wait(milliseconds: idle) { exchange -> Step? in
      if exchange.isAbandoned { return .abandoned }
      if let failure = exchange.failure {
        exchange.failure = nil
        return .failed(failure)
      }
      let isJobNext = exchange.jobs.first?.after == 0
      if !exchange.inbox.isEmpty, !isJobNext, !isFull { return .commands(exchange.takeInbox()) }
      if hasGroup { return exchange.diskIsIdle ? .close : nil }
      if let job = exchange.takeJob() { return .job(job) }
      return exchange.isClosing ? .end : nil
    }
    return step ?? .idle
  }
}

/// What lies on the writer's desk: the state as it will be, and the group being decided.
struct Desk {
  var core: Core
  var builder: FrameBuilder
  /// Where everything stood when the last group was closed: without an open one, where it stands.
  var base: Durable
  var group: Group?
  /// Commands of the group, to be decided again if a later one does not fit into its frame.
  var submissions: [Submission] = []
  /// Commands that were taken and are still to be decided, the one in hand first.
  var undecided: ArraySlice<Submission> = []
  var draft = Draft(at: Instant(microseconds: 0), prefetch: processorPrefetch)

  init(_ durable: Durable) {
    core = durable.core
    builder = durable.builder
    base = durable
  }

  /// Everything is again as it was there.
  mutating func goBack(to durable: Durable) {
    core = durable.core
    builder = durable.builder
    base = durable
    group = nil
    submissions = []
  }

  mutating func isFull(_ options: WriterOptions) -> Bool {
    builder.estimatedSize >= options.groupSize || submissions.count >= options.groupCountMax
  }

  /// Whether the open group is one request that takes no longer to write than to hand over, or
  /// recorded nothing.
  ///
  /// `mutating`, like ``isFull(_:)``, so that it looks at the builder where it lies.
  mutating func isSmall(_ options: WriterOptions) -> Bool {
    builder.eventCount == 0
      || submissions.count == 1 && builder.estimatedSize <= options.smallSize
  }
}

/// How the writer groups.
///
/// The defaults are for servers.
struct WriterOptions: Sendable {
  /// A group closes at about so many bytes.
  var groupSize = 1 << 20
  var groupCountMax = 4_096
  /// A lone request of at most so many bytes is written without handing it over.
  var smallSize = 16 << 10
  /// A frame gets its seal after so long without another.
  var idleMilliseconds = 1_000
}
