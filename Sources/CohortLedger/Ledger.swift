import CohortFormat
package import CohortLog
package import CohortModel
import CohortThreads
import Synchronization

/// One open ledger: a storage folder with its log, one writer, and any number of readers.
///
///     let ledger = try Ledger.open("Storage/ledger")
///     let committed = try ledger.submit(command)     durable when it returns
///     let members = try ledger.now.members(of: cohort)
///     try ledger.close()
///
/// Every method can be called from any thread. Those that wait say so, and have no place on the
/// cooperative pool.
public final class Ledger: Sendable {
  package let log: Log
  package let report: OpeningReport
  /// The first thousand personal texts behind the newest snapshot that this start could not read,
  /// though nobody has erased them: whoever they named may be matched no more.
  ///
  /// A start from a snapshot behind them does not look at them.
  package let unreadTexts: [TextName]
  let exchange: Monitor<Exchange>
  let disk: DiskWorker
  let time: TimeKeeper
  let random: any RandomSource
  let tiles: TileStore
  let options: LedgerOptions
  private let isReadOnly: Bool
  private let threads: Mutex<[Thread]>
  let keeper: SnapshotKeeper
  let watchers: Watchers
  let checkups = Mutex(Checkups())
  let following = Mutex(Following())

  /// What a ledger is opened for.
  public enum Access: Sendable {
    /// To read and write; a ledger is begun if there is none.
    case create
    /// To read and write; there must be a ledger.
    case write
    /// To read, beside a process that may be writing.
    case read
  }

  /// Opens the ledger in `folder`.
  ///
  /// A torn tail is cut off and kept aside, an erasure that was interrupted is finished, and the
  /// state is loaded from the newest snapshot and the log behind it. On a damaged log the ledger
  /// opens for reading up to the damage; ``condition`` says so.
  ///
  /// - Throws: ``LedgerError/storage(_:)``: nothing was changed. ``LedgerError/noThread(errno:)``:
  ///   the folder is as it was, but for a torn tail that is kept aside already.
  /// - Complexity: O(n) in the log behind the newest snapshot; waits for the disk.
  public static func open(_ folder: String, for access: Access = .create) throws(LedgerError)
    -> Ledger
  {
    try open(
      folder, for: access, on: PosixDisk(), clock: SystemClock(), random: SystemRandomSource())
  }

  package static func open(
    _ folder: String, for access: Access = .create, on disk: any Disk, clock: any Clock,
    random: any RandomSource, options: LedgerOptions = LedgerOptions(), isPromotion: Bool = false
  ) throws(LedgerError) -> Ledger {
    let opened: OpenedLedger
    do {
      if access != .read, !isPromotion {
        try expectNoReplica(StorageFolder(folder), on: disk)
      }
      opened = try OpenedLedger(
        folder, for: access, on: disk, clock: clock, random: random, options: options)
    } catch { throw .storage(LogFailure(error)) }
    let ledger = Ledger(opened, clock: clock, random: random, options: options)
    if ledger.isReadOnly {
      // Nobody knows what the leader has acknowledged since the last frame that is here.
      if ledger.log.isReplica { ledger.time.see(through: opened.core.state.time) }
    } else {
      try ledger.start(ledger.report.recovered, options)
    }
    return ledger
  }

  private init(
    _ opened: OpenedLedger, clock: any Clock, random: any RandomSource,
    options: LedgerOptions
  ) {
    log = opened.log
    (report, unreadTexts) = (opened.report, opened.unreadTexts)
    self.random = random
    self.options = options
    tiles = opened.tiles
    exchange = Monitor(Exchange())
    time = TimeKeeper(clock, after: opened.log.chain.last?.time ?? Instant(microseconds: 0))
    isReadOnly = opened.report.condition != .writable
    let durable = Durable(core: opened.core, builder: opened.builder(random))
    watchers = Watchers(after: opened.core.state.position)
    disk = DiskWorker(opened.log, exchange, time, durable, watchers)
    keeper = SnapshotKeeper(
      opened.log, tiles, every: options.snapshotBytes, from: opened.snapshotEnd,
      isStopped: isReadOnly)
    threads = Mutex([])
    let reader = log.reader
    tiles.setSource { range, body throws(LogError) in try reader.forEachEvent(in: range, body) }
  }

  deinit { try? close() }

  /// Starts the writer, then records what the start has found and finishes what a crash has left.
  ///
  /// - Throws: ``LedgerError/noThread(errno:)``: nothing was written, and the lock is given back.
  private func start(_ torn: [TornTail], _ options: LedgerOptions) throws(LedgerError) {
    let writer = Writer(exchange, disk, time, after: torn, options.writer)
    let (disk, keeper) = (disk, keeper)
    do throws(ThreadFailure) {
      // The writer last: before all the others are there, nobody gives them anything to do.
      try add(Thread("cohort-disk") { disk.run() })
      try add(Thread("cohort-keeper") { keeper.run { disk.durable.core } })
      try watchers.start()
      try add(Thread("cohort-writer") { writer.run() })
    } catch {
      disk.stop()
      keeper.stop()
      joinThreads()
      watchers.finish()
      try? log.close()
      throw .noThread(errno: error.errno)
    }
    if !torn.isEmpty {
      // If it fails now, it is the first that is written once writing is possible.
      _ = try? onWriter { writer, desk throws(LedgerError) in try writer.recordRecoveries(&desk) }
    }
    finishErasures()
  }

  private func add(_ thread: Thread) { threads.withLock { $0.append(thread) } }

  private func joinThreads() {
    threads.withLock { threads in
      for thread in threads { thread.join() }
      threads = []
    }
  }

  /// Accepts a wall clock that has run more than an hour ahead of the ledger's time.
  ///
  /// Until then writes are refused with ``LedgerError/clockAhead(seconds:)``: the times of events
  /// never go back, so a clock that was set wrong for a moment would stay in the log.
  public func confirmClock() { time.confirm() }

  /// Takes a snapshot now, and waits for it.
  ///
  /// A ledger takes its own as the log grows; this is for those who want the next start to be
  /// quick.
  ///
  /// - Returns: Whether there is a new one: never of a ledger that is open for reading, or closed.
  ///   Without it the ledger is none the worse.
  @discardableResult
  public func keepSnapshot() -> Bool { keeper.takeNow() }

  /// Bytes of the log behind the last snapshot: what the next start reads.
  package var snapshotLag: UInt64 { keeper.lag }

  /// Ends writing: what was submitted is carried out, the last frame gets its seal, and the lock is
  /// given back.
  ///
  /// Waits for the disk, also if another thread is closing, for as long as frames become durable,
  /// and then half a minute. Reading goes on.
  ///
  /// A seal that the disk refuses is no failure of closing: whatever was acknowledged is durable
  /// before it is begun, and the next start finds it whole or cuts it.
  ///
  /// - Throws: ``LedgerError/storage(_:)`` if the system reports an earlier write as failed.
  ///   ``LedgerError/notClosed(milliseconds:)`` if the disk does not answer: whoever waits for what
  ///   is on its way is told ``LedgerError/outcomeUnknown``, everybody else
  ///   ``LedgerError/shuttingDown``. The lock stays with this process as long as the disk keeps the
  ///   last frame, so that nobody else writes beside it.
  public func close() throws(LedgerError) {
    exchange.change { $0.isClosing = true }
    // Under the lock: whoever else closes must not close the log before the last frame is in it.
    threads.withLock { threads in
      guard !threads.isEmpty else { return }
      if !(hasWritten() && keeper.finish(within: options.closeMilliseconds)) {
        // Threads that wait for the disk are left behind.
        keeper.stop()
        for tell in exchange.change({ $0.abandon() }) { tell() }
        disk.ring()
      } else {
        for thread in threads { thread.join() }
      }
      threads = []
    }
    // Last: those who watch see everything before they are told that nothing more will come.
    watchers.finish()
    if exchange.look({ $0.isAbandoned }) {
      throw .notClosed(milliseconds: options.closeMilliseconds)
    }
    do { try log.close() } catch { throw .storage(LogFailure(error)) }
  }

  /// Waits until the writer has ended, and the disk worker behind it.
  ///
  /// - Returns: `false` if nothing has become durable for too long.
  private func hasWritten() -> Bool {
    while true {
      let count = exchange.look { $0.settledCount }
      let hasEnded = exchange.wait(milliseconds: options.closeMilliseconds) { exchange -> Bool? in
        if exchange.hasEnded { return true }
        return exchange.settledCount != count ? false : nil
      }
      guard let hasEnded else { return false }
      if hasEnded { return true }
    }
  }
}

/// How a ledger is run.
///
/// The defaults are for servers; tests make everything small.
package struct LedgerOptions: Sendable {
  package var log = LogOptions()
  package var history = HistoryOptions()
  package var groupSize = 1 << 20
  package var idleMilliseconds = 1_000
  /// How long closing waits for a disk that does not answer.
  package var closeMilliseconds = 30_000
  /// A snapshot is taken when the log has grown by so many bytes since the last one.
  package var snapshotBytes: UInt64 = 32 << 20
  /// Commands that may wait, and about how many bytes they may take.
  package var inboxCountMax = 65_536
  package var inboxBytesMax = 256 << 20

  package init() {}

  var writer: WriterOptions {
    var options = WriterOptions()
    options.groupSize = groupSize
    options.idleMilliseconds = idleMilliseconds
    return options
  }
}
