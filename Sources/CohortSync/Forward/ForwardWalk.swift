import CohortModel

/// The way of a forwarding through the feed.
struct ForwardWalk {
  typealias Halt = ForwardRun.Halt

  let run: ForwardRun
  let feed: any LedgerFeed
  /// The destination, if it is a ledger.
  let other: (any LedgerQuestions)?
  private var teller: Teller
  private(set) var report: ForwardReport
  /// Why all that the feed tells is to be compared before anything else.
  var mustCompare: ForwardReport.Resync?
  /// Pages that were told to their end.
  private(set) var pages = 0

  /// Whether all was told when the end of the feed was last reached, and nothing has come since.
  private(set) var isCaughtUp = false

  /// What stands in the files, until it is known whether it can be relied upon.
  private var found: Result<SentStore, StateError>?
  private var store: SentStore?
  private var head: SentHead?
  /// Behind the checkpoint: all up to here concerns nobody.
  private var lookedAt: FeedCheckpoint?
  private var reasons: [ForwardRejects.Refused: String] = [:]
  private var toldAgain: Duration?
  /// Who is still to be told again since then.
  private var again: ArraySlice<UserID> = []
  private var hasNews = true
  private var mustRewrite = false

  init(run: ForwardRun, feed: any LedgerFeed, other: (any LedgerQuestions)?, teller: Teller) {
    (self.run, self.feed, self.other, self.teller) = (run, feed, other, teller)
    report = ForwardReport(name: run.state.name)
  }

  /// Goes on until the end of the feed; without end, unless it is for once.
  mutating func go() throws(Halt) {
    isCaughtUp = false
    load()
    let head = try meet()
    if store == nil, mustCompare == nil { try open(head) }
    if let reached = store?.state.reached, mustCompare == nil {
      // A restore may have taken back what was half told.
      _ = try events(after: reached, limit: 1)
    }
    if mustCompare != nil { try compare(head) }
    // Whoever was merged away there before their debt is told has left their cohorts to somebody
    // who is told out behind it; whoever is told in may have the name of one who is told out.
    try settleDebts()
    try tellAgain()
    try tellOwed()
    var isAtEnd = false
    var end = try end()
    while true {
      try checkStop()
      // Asked for before the events: if there are none, none stands before it.
      if isAtEnd { end = try self.end() }
      let place = lookedAt ?? state.checkpoint
      let events = try events(
        after: place, limit: run.options.pageSize, wait: isAtEnd && !run.options.once ? 5 : 0)
      isAtEnd = events.isEmpty
      if !isAtEnd {
        lookedAt = nil
        try forward(events)
        continue
      }
      if end.position > place.position { try skip(to: end) }
      report.checkpoint = state.checkpoint
      try catchUp()
      isCaughtUp = true
      if run.options.once { return }
      try tellAgain()
    }
  }

  /// Goes on behind events that concern nobody, so that the ledger does not look at them again.
  private mutating func skip(to end: FeedCheckpoint) throws(Halt) {
    lookedAt = end
    guard end.position.rawValue - state.checkpoint.position.rawValue >= run.options.skipSize else {
      return
    }
    // An answer ends early when its key ends. A key that is good now has not.
    _ = try self.end()
    var change = SentChange()
    change.checkpoint = end
    try append(change)
    lookedAt = nil
  }

  private func end() throws(Halt) -> FeedCheckpoint {
    do throws(FeedFailure) { return try feed.end() } catch { throw Halt(error) }
  }

  /// How long those who could not be placed are left alone.
  private static let pause = Duration.seconds(3_600)

  private var state: SentState { store?.state ?? SentState() }

  private func checkStop() throws(Halt) {
    if run.stop.isRaised { throw .stop(.signal, "", mayWorkLater: true) }
  }

  // MARK: Reading

  private func events(
    after: FeedCheckpoint, limit: Int, wait: Int = 0
  ) throws(Halt) -> [FeedEvent] {
    do throws(FeedFailure) {
      return try feed.events(after: after, limit: limit, wait: wait)
    } catch { throw Halt(error) }
  }

  /// Asks the ledger and the destination who they are.
  private mutating func meet() throws(Halt) -> SentHead {
    if let head { return head }
    let ledger: String
    do throws(FeedFailure) { ledger = try feed.ledgerID() } catch { throw Halt(error) }
    if let other {
      let id: String
      do throws(LedgerUnread) { id = try other.ledgerID() } catch {
        throw .stop(.destination, error.reason, mayWorkLater: true)
      }
      guard id != ledger else { throw .failure(.sameLedger) }
    }
    let head = SentHead(
      ledger: ledger, endpoint: run.file.destination.endpoint.text,
      partner: run.file.destination.partner, cohorts: run.file.cohorts)
    self.head = head
    report.ledger = ledger
    return head
  }

  /// Reads the state, so that there is something to report whatever comes.
  private mutating func load() {
    guard store == nil, found == nil else { return }
    do throws(StateError) {
      let store = try SentStore(run.state)
      report.checkpoint = store.state.checkpoint
      found = .success(store)
    } catch { found = .failure(error) }
  }

  /// Finds out whether the state can be relied upon.
  private mutating func open(_ head: SentHead) throws(Halt) {
    let folder = run.state
    guard let found else { return }
    defer { self.found = nil }
    switch found {
    case .success(let store):
      let isSame =
        store.head.ledger == head.ledger && store.head.endpoint == head.endpoint
        && store.head.partner == head.partner
      guard isSame || run.options.isFull else { throw .failure(.otherState(folder.state)) }
      if isSame { begin(with: store) }
      if run.options.isFull {
        mustCompare = .asked
      } else if store.head.cohorts != head.cohorts {
        mustCompare = .cohorts
      }
    case .failure where run.options.isFull: mustCompare = .asked
    case .failure(.none): mustCompare = folder.hasTold ? .lost : .first
    case .failure(.damaged): mustCompare = .damaged
    case .failure(.version(let version)):
      throw .failure(.laterState(path: folder.state, version))
    case .failure(.system(let failure)):
      throw .failure(.storage(path: folder.state, failure))
    }
  }

  /// Reads the feed from its beginning, and owes what it comes to.
  private mutating func compare(_ head: SentHead) throws(Halt) {
    guard let reason = mustCompare else { return }
    if report.resync != reason { run.observer.say(reason.words) }
    report.resync = reason
    let isStateLost = reason == .lost || reason == .damaged || reason == .asked
    let places = OldPlaces(of: store?.head, in: head, state)
    var comparison = Comparison(remembersLeft: isStateLost)
    if !places.dropped.isEmpty, reason == .cohorts {
      run.observer.say(ForwardReport.Resync.dropped)
    }
    if store != nil { comparison.keep(state, places, goesOn: try holds(state.checkpoint)) }
    var place = FeedCheckpoint.origin
    while true {
      try checkStop()
      let events = try events(after: place, limit: run.options.pageSize)
      guard let last = events.last else { break }
      comparison.take(events)
      place = last.checkpoint
    }
    // What is not lost is a debt, erased or not.
    if reason == .lost || reason == .damaged { report.untold = comparison.unnamed.count }
    var newHead = head
    newHead.dropped = places.dropped
    let new = SentFile(head: newHead, state: comparison.finish())
    // The old one is needed no more, and its memory neither.
    store = nil
    if !run.state.hasTold {
      try storing(run.state.rejects) { () throws(FileFailure) in
        try ForwardRejects(new, reasons: [:]).write(to: run.state.rejects)
      }
    }
    let begun = try storing(run.state.state) { () throws(FileFailure) in
      try SentStore(run.state, new)
    }
    begin(with: begun)
    mustCompare = nil
  }

  private mutating func begin(with store: SentStore) {
    (self.store, lookedAt) = (store, nil)
    // Whom a comparison has found to have left must be told out before anybody is told in.
    (again, toldAgain) = ([], nil)
    let partner = run.file.destination.partner
    teller.cohorts = (store.head.cohorts + store.head.dropped).map {
      CohortName(partner: partner, cohortID: $0.cohortID)
    }
  }

  /// Whether the ledger still has the event of a checkpoint.
  private func holds(_ checkpoint: FeedCheckpoint) throws(Halt) -> Bool {
    do throws(FeedFailure) {
      _ = try feed.events(after: checkpoint, limit: 1, wait: 0)
      return true
    } catch {
      guard error == .historyChanged else { throw Halt(error) }
      return false
    }
  }

  // MARK: Telling

  private mutating func forward(_ events: [FeedEvent]) throws(Halt) {
    isCaughtUp = false
    var draft = ForwardDraft()
    // Never held while the state changes: that would copy it.
    for event in events { draft.apply(event, over: state) }
    var answered = Answered(count: draft.tellings.count)
    if !draft.tellings.isEmpty || !draft.namings.isEmpty {
      try append(state.intent(of: draft))
      answered = teller.tell(draft.namings, draft.tellings)
      try halt(answered)
      remember(draft.tellings, answered)
    }
    try append(state.result(of: draft, answered))
    // A page that is told again is counted once.
    report.count(answered)
    report.events += draft.events
    report.nameless += draft.nameless
    report.untold += draft.unreached(answered)
    report.checkpoint = state.checkpoint
    mustRewrite = mustRewrite || draft.forgets
    pages += 1
    hasNews = true
  }

  /// Tells the names and the debts that a comparison has found.
  private mutating func settleDebts() throws(Halt) {
    let names = state.names.filter(\.value.isOwed).sorted { $0.key < $1.key }
    if !names.isEmpty {
      let answered = teller.tell(names.map { ($0.key, $0.value.name, $0.value.createdAt) }, [])
      var change = SentChange()
      change.reached = state.reached
      for (cohort, name) in names.prefix(answered.named) {
        change.names[cohort] = SentName(
          name: name.name, createdAt: name.createdAt, isOwed: false)
      }
      try append(change)
      try halt(answered)
    }
    while !state.debts.isEmpty {
      let debts = state.debts.prefix(run.options.chunkSize)
      let answered = teller.tell(
        [],
        debts.map {
          Telling(nil, $0.cohort, $0.identifier, isRemoval: true, formers: $0.formers)
        })
      try halt(answered)
      var change = SentChange()
      (change.reached, change.paid) = (state.reached, debts.count)
      try append(change)
      report.count(answered)
      // Who is a debt may have been erased.
      (mustRewrite, hasNews) = (true, true)
    }
  }

  private mutating func tellOwed() throws(Halt) {
    var owed = state.users { $0 == .owed }[...]
    try tell(&owed) { $0 == .owed }
    report.checkpoint = state.checkpoint
  }

  /// Tells again who could not be placed: once at the start and once an hour, whatever fails
  /// between.
  private mutating func tellAgain() throws(Halt) {
    let now = run.services.clock.now()
    if toldAgain.map({ now - $0 >= Self.pause }) ?? true {
      (again, toldAgain) = (state.users(with: \.isPending)[...], now)
    }
    var users = again
    again = []
    defer { again = users }
    try tell(&users, \.isPending)
  }

  /// - Parameters:
  ///   - users: Whom to tell of; those are left that were not answered.
  ///   - isWanted: What to tell of them.
  /// - Throws: ``Halt`` if the destination is given up.
  private mutating func tell(
    _ users: inout ArraySlice<UserID>, _ isWanted: (Told) -> Bool
  ) throws(Halt) {
    while !users.isEmpty {
      let chunk = users.prefix(run.options.chunkSize)
      let tellings = state.tellings(of: chunk, with: isWanted)
      let intent = state.intent(of: tellings)
      if !intent.lines.isEmpty { try append(intent) }
      let answered = teller.tell([], tellings)
      try append(state.result(of: tellings, answered))
      report.count(answered)
      remember(tellings, answered)
      hasNews = true
      users.removeFirst(chunk.count)
      guard answered.stopped == nil else {
        let left = answered.unanswered(tellings)
        users = chunk.filter { left.contains($0) } + users
        return try halt(answered)
      }
    }
  }

  private func halt(_ answered: Answered) throws(Halt) {
    guard let words = answered.stopped else { return }
    throw .stop(.destination, words, mayWorkLater: answered.mayWorkLater)
  }

  /// Keeps the words of the destination for the file of rejects.
  private mutating func remember(_ tellings: [Telling], _ answered: Answered) {
    for (place, reason) in answered.reasons {
      guard let user = tellings[place].user else { continue }
      let cohort = UInt16(tellings[place].cohort)
      reasons[ForwardRejects.Refused(user: user, cohort: cohort)] = reason
    }
  }

  // MARK: Writing

  private mutating func append(_ change: SentChange) throws(Halt) {
    do throws(FileFailure) { try store?.append(change) } catch {
      throw .failure(.storage(path: run.state.journal, error))
    }
  }

  private func storing<Value>(
    _ path: String, _ body: () throws(FileFailure) -> Value
  ) throws(Halt) -> Value {
    do throws(FileFailure) { return try body() } catch {
      throw .failure(.storage(path: path, error))
    }
  }

  private mutating func catchUp() throws(Halt) {
    guard hasNews else { return }
    do throws(ForwardFailure) { try writeDown() } catch { throw .failure(error) }
    run.observer.caughtUp(report)
  }

  /// Writes the file of rejects, and forgets who is to be forgotten.
  mutating func writeDown() throws(ForwardFailure) {
    if case .success(let known)? = found {
      let rejects = ForwardRejects(SentFile(head: known.head, state: known.state), reasons: [:])
      (report.rejected, report.refused) = (rejects.count, rejects.refused)
    }
    guard let store else { return }
    report.checkpoint = store.state.checkpoint
    guard hasNews else { return }
    let rejects = ForwardRejects(
      SentFile(head: store.head, state: store.state), reasons: reasons)
    (report.rejected, report.refused) = (rejects.count, rejects.refused)
    try ForwardFailure.storage(run.state.rejects) { () throws(FileFailure) in
      try rejects.write(to: run.state.rejects)
    }
    reasons = reasons.filter {
      store.state.lines[$0.key.user]?[Int($0.key.cohort)]?.isPending == true
    }
    hasNews = false
    guard mustRewrite, !store.isClean else { return }
    do throws(FileFailure) { try self.store?.rewrite() } catch {
      throw .storage(path: run.state.state, error)
    }
    mustRewrite = false
  }
}
