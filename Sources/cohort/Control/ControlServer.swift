import CohortLedger
import CohortLog
import CohortServer
import CohortThreads
import Glibc

/// The server's end of the control socket: carries out what terminals ask for, on the open ledger.
///
/// Only for whoever holds the lock of the storage. A command has a thread of its own, reads and
/// writes the caller's own descriptors, and ends when the caller goes; whatever it does, the server
/// goes on.
///
///     accept ── 16 at work? ── same user? ── same release? ── run ── let its streams go ── reply
final class ControlServer: Sendable {
  let folder: String
  let ledger: Ledger
  let sessions: Sessions
  private let state = Monitor(State())

  private struct State {
    /// Accepted, and not yet taken by a thread.
    var waiting: [ControlSocket] = []
    var running: [Int: ControlSocket] = [:]
    /// Those of `running` that only wait for news, and need no time to end.
    var following: Set<Int> = []
    var last = 0
    var isStopping = false
    /// Those of `running` that are made to end.
    var cut: Set<Int> = []
    var listener: ControlListener?
    var threads: [Thread] = []

    var count: Int { waiting.count + running.count }

    mutating func cut(_ numbers: some Sequence<Int>) {
      for number in numbers where cut.insert(number).inserted { running[number]?.cut() }
    }
  }

  /// What a thread does next.
  private enum Work {
    case command(Int, ControlSocket)
    case end
  }

  /// - Parameters:
  ///   - folder: The storage folder of `ledger`, as this process calls it.
  ///   - ledger: To be closed after ``stop(within:)``.
  ///   - sessions: Of the console that the server has.
  init(folder: String, ledger: Ledger, sessions: Sessions = Sessions()) {
    (self.folder, self.ledger, self.sessions) = (folder, ledger, sessions)
  }

  /// Begins to listen on `control.sock` in the storage folder.
  ///
  /// - Throws: ``Failure`` if another server listens there, the folder takes no socket, or the
  ///   system has too few threads to give.
  func start() throws(Failure) {
    let listener: ControlListener
    do throws(SystemReason) { listener = try ControlListener(in: folder) } catch {
      let other = (try? ControlSocket.connect(in: folder))?.peer?.process
      if error.number == EADDRINUSE {
        throw Failure(.held(folder: folder, by: other.map { Int($0) }))
      }
      throw Failure(
        .storage,
        "No control socket can be made in '\(folder)' (\(error.words)). "
          + "Keep the ledger on a file system that takes sockets, in a folder of your own.")
    }
    var threads: [Thread] = []
    do throws(ThreadFailure) {
      for _ in 0..<Self.commandsMax {
        threads.append(try Thread("cohort-command") { self.work() })
      }
      threads.append(try Thread("cohort-control") { self.listen(listener) })
    } catch {
      state.change { $0.isStopping = true }
      listener.close()
      for thread in threads { thread.join() }
      throw Failure(error)
    }
    state.change { [threads] in ($0.listener, $0.threads) = (listener, threads) }
  }

  /// Ends listening, and gives the commands at work some time to end by themselves.
  ///
  /// What only waits for news ends at once. A command that is cut off says so to its caller. To be
  /// called before the ledger is closed; the second call does nothing.
  ///
  /// - Parameter milliseconds: How long they may take.
  func stop(within milliseconds: Int = 5_000) {
    let listener = state.change { state in
      state.isStopping = true
      state.cut(state.following)
      defer { state.listener = nil }
      return state.listener
    }
    guard let listener else { return }
    listener.close()
    if !isIdle(within: milliseconds) {
      state.change { $0.cut(Array($0.running.keys)) }
      // One that hangs on something else than its caller, such as a dead disk, is left behind.
      guard isIdle(within: 1_000) else { return }
    }
    let threads = state.change { state in
      defer { state.threads = [] }
      return state.threads
    }
    for thread in threads { thread.join() }
  }

  /// Waits until no more than so many commands are at work.
  ///
  /// - Returns: Whether it is so, in that time.
  func isIdle(but count: Int = 0, within milliseconds: Int) -> Bool {
    state.wait(milliseconds: milliseconds) { $0.count <= count ? () : nil } != nil
  }

  // MARK: Threads

  private func listen(_ listener: ControlListener) {
    while let connection = listener.next() {
      let isTaken = state.change { state in
        guard !state.isStopping, state.count < Self.commandsMax else { return false }
        state.waiting.append(connection)
        return true
      }
      if !isTaken { connection.reply(ControlReply(Self.tooMany)) }
    }
  }

  private func work() {
    while case .command(let number, let connection) = next() {
      let reply = ControlledCommand(self, number).carryOut(connection)
      state.change { state in
        let isCut = state.cut.remove(number) != nil
        if let reply = isCut ? ControlReply(Self.isStopping) : reply { connection.reply(reply) }
        state.running[number] = nil
        state.following.remove(number)
      }
    }
  }

  private func next() -> Work {
    let work: Work? = state.wait { state in
      guard !state.waiting.isEmpty else { return state.isStopping ? .end : nil }
      state.last += 1
      let connection = state.waiting.removeFirst()
      state.running[state.last] = connection
      return .command(state.last, connection)
    }
    return work ?? .end
  }

  /// A command goes on only to wait for news, until its caller or this server ends.
  func follows(_ number: Int) {
    state.change { state in
      state.following.insert(number)
      if state.isStopping { state.cut([number]) }
    }
  }

  /// How many commands are at work at once, each with an answer of any size in memory.
  static var commandsMax: Int { 16 }

  private static let tooMany = Failure(
    .storage,
    "\(commandsMax) commands of terminals are at work in the server already. "
      + "Wait until one has ended, then try again.")

  private static let isStopping = Failure(
    .storage,
    "The server is shutting down, and has cut the command off. "
      + "See what was recorded when it is back, then run it again.")
}

extension ControlSocket {
  /// Ends what the other end still says: whoever waits on it takes it for gone.
  fileprivate func cut() { _ = shutdown(descriptor.number, Int32(SHUT_RD)) }

  /// Answers, if anybody still listens.
  ///
  /// It never waits: there is room for one reply.
  fileprivate func reply(_ reply: ControlReply) { _ = try? send(reply.bytes) }
}
