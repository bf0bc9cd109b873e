/// One run of a sync, from the rows of its model to the state it leaves behind.
///
/// The order, which is what makes a kill at any moment harmless:
///
/// 1. lock the sync; read the history, and the state, which may refuse the run;
/// 2. read the model to its end: a source that fails stops the run, and nothing was sent. If the
///    head of the state says that it is ours, what is behind it is read meanwhile;
/// 3. plan: the difference, or after a lost state the difference to what the ledger says;
/// 4. the guard rails;
/// 5. write what is about to be told as ``Standing/unsure``;
/// 6. tell the destination: what leaves, then what enters;
/// 7. write the state by what was answered, the rejects, and the line of the history.
package struct SyncRun: Sendable {
  package let file: SyncFile
  /// From which the paths in the file are taken.
  package let folder: String
  package let state: StateFolder
  let services: SyncServices
  let options: SyncOptions
  let observer: SyncObserver
  let stop: StopSign

  package init(
    _ file: SyncFile, in folder: String, state: String, _ services: SyncServices,
    options: SyncOptions = SyncOptions(), observer: SyncObserver = SyncObserver(),
    stop: StopSign = StopSign()
  ) {
    (self.file, self.folder) = (file, folder)
    self.state = StateFolder(state, name: file.name)
    (self.services, self.options, self.observer) = (services, options, observer)
    self.stop = stop
  }

  /// Carries the run out, adds it to the history and sends the notices that are due.
  ///
  /// - Returns: What was done; a run that was stopped too.
  /// - Throws: ``SyncFailure``; the history has it too, unless the run was locked out or was dry.
  package func carryOut() throws(SyncFailure) -> RunReport {
    let lock = try SyncFailure.storage(state.path) { () throws(FileFailure) in try state.locked()
    }
    guard let lock else { throw .locked(file.name) }
    defer { withExtendedLifetime(lock) {} }
    let history = try SyncFailure.storage(state.history) { () throws(FileFailure) in
      try RunHistory(state.history)
    }
    var report = RunReport(
      sync: file.name, run: (history.last?.run ?? 0) + 1, started: services.now())
    report.isDryRun = options.isDryRun
    do throws(SyncFailure) {
      try run(&report, history)
      report.finished = services.now()
      if !options.isDryRun { try end(report, history) }
      return report
    } catch {
      report.finished = services.now()
      report.failure = error.description
      // The first failure is the one to tell.
      if !options.isDryRun { try? end(report, history) }
      throw error
    }
  }

  private func end(_ report: RunReport, _ history: RunHistory) throws(SyncFailure) {
    defer {
      if let key = try? file.destination.readKey(in: folder, services.environment) {
        services.ledger(file.destination.endpoint, key).tell(of: report.told)
      }
      Notice(of: report, after: history.last)?.send(
        file.notify, in: folder, withholding: variables, services, observer)
    }
    try SyncFailure.storage(state.history) { () throws(FileFailure) in try history.append(report)
    }
  }

  private func run(_ report: inout RunReport, _ history: RunHistory) throws(SyncFailure) {
    let keys: DestinationKeys
    let readKey: SecretText?
    do throws(SecretError) {
      keys = try file.destination.keys(in: folder, services.environment)
      readKey = try file.destination.readKey(in: folder, services.environment)
    } catch { throw .secret(error) }
    let ledger = readKey.map { services.ledger(file.destination.endpoint, $0) }
    let redaction = Redaction(keys.all + (readKey.map { [$0] } ?? []))
    let (found, rows) = try stateAndRows(history, ledger, &report)
    let (kept, resync) = found
    report.resync = resync
    if let resync { observer.say(resync.words(hasLedger: ledger != nil)) }
    do throws(Unread) {
      let model = try rows.get()
      let planned = try plan(kept, resync, model, ledger, keys, &report)
      let isClear = guards(planned, model, kept, &report)
      if options.isDryRun {
        return dryRun(planned, ledger, keys, redaction, &report)
      }
      guard isClear else { return }
      let delivered = try tell(planned, kept, resync, keys, ledger != nil, redaction, &report)
      try writeRejects(planned, delivered, model, redaction, &report)
    } catch {
      switch error {
      case .failure(let failure): throw failure
      case .unread(let unread):
        (report.stopped, report.message) = (.destination, redaction.apply(unread.reason))
      }
    }
  }

  /// A ledger that does not answer stops the run; anything else is no run at all.
  enum Unread: Error {
    case failure(SyncFailure)
    case unread(LedgerUnread)
  }
}

// MARK: - Before anything is read

extension SyncRun {
  /// Variables that hold keys: no program that we start sees them.
  private var variables: Set<String> { file.secretVariables }

  private typealias Found = (StateFile, RunReport.Resync?)

  /// Reads the state, and then the model: a state that refuses the run does so before a source is
  /// asked.
  ///
  /// Neither needs the other, and of millions of rows both take a while: so if the head of the
  /// state refuses nothing, which the rest of it cannot change, they are read at once.
  private func stateAndRows(
    _ history: RunHistory, _ ledger: (any LedgerQuestions)?, _ report: inout RunReport
  ) throws(SyncFailure) -> (Found, Result<Model, Unread>) {
    func rows() -> Result<Model, Unread> {
      Result { () throws(Unread) in
        try expectCohort(ledger)
        return try read(&report)
      }
    }
    guard StateFile.peek(state.state)?.destination == StateHead.Destination(file) else {
      return (try keptState(history), rows())
    }
    let (found, model) = both(
      { Result { () throws(SyncFailure) in try keptState(history) } }, rows)
    return (try found.get(), model)
  }

  /// The state, and why it cannot be relied upon, if so.
  private func keptState(_ history: RunHistory) throws(SyncFailure) -> Found {
    let empty = StateFile(
      head: StateHead(destination: StateHead.Destination(file)), known: .nothing)
    let found: Result<StateFile, StateError>
    do throws(StateError) { found = .success(try StateFile.read(state.state)) } catch {
      found = .failure(error)
    }
    switch found {
    case .success(let kept) where kept.head.destination == empty.head.destination:
      return (kept, options.isFull ? .asked : nil)
    case .success where options.isFull, .failure(.none) where options.isFull,
      .failure(.version) where options.isFull:
      return (empty, .asked)
    case .success: throw .otherDestination(state.state)
    case .failure(.none):
      return (empty, history.records.contains { $0.leftState } ? .lost : nil)
    case .failure(.damaged): return (empty, .damaged)
    case .failure(.version(let version)): throw .laterState(path: state.state, version)
    case .failure(.system(let failure)): throw .storage(path: state.state, failure)
    }
  }

  private func expectCohort(_ ledger: (any LedgerQuestions)?) throws(Unread) {
    guard file.cohort.name == nil, let ledger else { return }
    let exists = try asking { () throws(LedgerUnread) in try ledger.exists(file.cohortName) }
    guard exists else { throw .failure(.noCohort(file.cohortName)) }
  }

  func asking<Value>(_ body: () throws(LedgerUnread) -> Value) throws(Unread) -> Value {
    do throws(LedgerUnread) { return try body() } catch { throw .unread(error) }
  }

  private func read(_ report: inout RunReport) throws(Unread) -> Model {
    do throws(SourceError) {
      let model = try Model.read(file, in: folder, withholding: variables, stop: stop) {
        observer.progress("\($0) rows read")
      }
      report.rows = model.rowCount
      return model
    } catch { throw .failure(.source(error)) }
  }
}

extension DestinationSettings {
  /// The keys that every body holds.
  ///
  /// - Throws: ``SecretError`` for one that is not there.
  package func keys(
    in folder: String, _ environment: [String: String]
  ) throws(SecretError) -> DestinationKeys {
    DestinationKeys(
      partnerAPIKey: try partnerAPIKey.read(in: folder, environment: environment),
      dataImportKey: try dataImportKey.read(in: folder, environment: environment))
  }

  /// The key to read a ledger with; `nil` if there is none.
  ///
  /// - Throws: ``SecretError`` if it is not there.
  package func readKey(
    in folder: String, _ environment: [String: String]
  ) throws(SecretError) -> SecretText? {
    guard let readKey else { return nil }
    return try readKey.read(in: folder, environment: environment)
  }
}

extension DestinationKeys {
  var all: [SecretText] { [partnerAPIKey, dataImportKey] }
}

extension SyncFile {
  /// Variables of the environment that hold keys.
  package var secretVariables: Set<String> {
    let sources: [SecretSource?] = [
      destination.partnerAPIKey, destination.dataImportKey, destination.readKey,
    ]
    var names: Set<String> = []
    for case .environment(let name)? in sources { names.insert(name) }
    return names
  }
}

extension RunReport.Resync {
  func words(hasLedger: Bool) -> String {
    let what =
      switch self {
      case .asked: "A full run is asked for."
      case .lost: "The state of the sync is lost."
      case .damaged: "The state of the sync is damaged."
      }
    return hasLedger
      ? "\(what) The members are read back from the ledger, and compared with the model."
      : "\(what) Everything is sent again; what has left meanwhile cannot be known."
  }
}
