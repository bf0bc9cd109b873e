import CohortModel

/// A forwarding, from the lock on its state to its end.
///
/// What happens to each page of the feed, which is what makes a kill at any moment harmless:
///
/// 1. fold its events into what is to be told, in which order, and what is remembered then;
/// 2. append to the journal whom the destination may know of from here on;
/// 3. tell the destination, and wait for every answer;
/// 4. append what was answered, with the new checkpoint.
///
/// Whatever is told again, or because a comparison has found it, goes through 2 to 4 too.
///
/// Killed between 2 and 4, the page is told again from its beginning: the effects are idempotent,
/// and in the same order. The checkpoint is never ahead of what was acknowledged.
package struct ForwardRun: Sendable {
  package let file: ForwardFile
  /// From which the paths in the file are taken.
  package let folder: String
  package let state: ForwardFolder
  let services: ForwardServices
  let options: ForwardOptions
  let observer: ForwardObserver
  let stop: StopSign

  package init(
    _ file: ForwardFile, in folder: String, state: ForwardFolder, _ services: ForwardServices,
    options: ForwardOptions = ForwardOptions(), observer: ForwardObserver = ForwardObserver(),
    stop: StopSign = StopSign()
  ) {
    (self.file, self.folder, self.state) = (file, folder, state)
    (self.services, self.options, self.observer) = (services, options, observer)
    self.stop = stop
  }

  /// Forwards until the end of the feed, until the stop sign is raised, or until somebody has to do
  /// something.
  ///
  /// - Throws: ``ForwardFailure``.
  package func carryOut() throws(ForwardFailure) -> ForwardReport {
    let lock = try ForwardFailure.storage(state.path) { () throws(FileFailure) in
      try state.locked()
    }
    guard let lock else { throw .locked(state.name) }
    defer { withExtendedLifetime(lock) {} }
    try ForwardFailure.storage(state.path) { () throws(FileFailure) in try state.tidy() }
    guard file.destination.endpoint != file.endpoint else { throw .sameLedger }
    let readKey: SecretText
    let keys: DestinationKeys
    let otherKey: SecretText?
    do throws(SecretError) {
      readKey = try file.readKey.read(in: folder, environment: services.environment)
      keys = try file.destination.keys(in: folder, services.environment)
      otherKey = try file.destination.readKey(in: folder, services.environment)
    } catch { throw .secret(error) }
    let redaction = Redaction(keys.all + [readKey] + (otherKey.map { [$0] } ?? []))
    var walk = ForwardWalk(
      run: self, feed: services.feed(file.endpoint, readKey, file.cohorts),
      other: otherKey.map { services.ledger(file.destination.endpoint, $0) },
      teller: Teller(
        carrier: services.carrier(file.destination.endpoint, keys), redaction: redaction,
        stop: stop))
    let stopped = try insist(&walk)
    try walk.writeDown()
    var report = walk.report
    if let stopped {
      (report.stopped, report.message) = (stopped.kind, redaction.apply(stopped.words))
    } else if report.untold > 0 {
      report.message =
        "Nobody knows any more by what the destination has users who were erased "
        + "(\(report.untold)). Erase them there too."
    }
    return report
  }

  /// Goes on through whatever passes by itself.
  ///
  /// - Returns: Why not all was told; `nil` if it was, or if it was asked to end and may.
  private func insist(
    _ walk: inout ForwardWalk
  ) throws(ForwardFailure) -> (kind: ForwardReport.Stop, words: String)? {
    var backoff = Backoff(settings, seed: .random(in: 0...(.max)))
    var failures = 0
    while true {
      let pages = walk.pages
      do throws(Halt) {
        try walk.go()
        return nil
      } catch {
        if walk.pages > pages { failures = 0 }
        switch error {
        case .failure(let failure): throw failure
        case .historyChanged: walk.mustCompare = walk.mustCompare ?? .history
        case .stop(let kind, let words, let mayWorkLater):
          if kind == .signal, walk.isCaughtUp { return nil }
          if kind == .signal || stop.isRaised {
            return (.signal, "The forwarding was ended before all was told. Run it again.")
          }
          failures += 1
          let isPatient =
            !options.once || kind == .ledger && failures < LedgerReader.patience.attempts
          guard mayWorkLater, isPatient else { return (kind, words) }
          observer.say("\(words) It is tried again by itself.")
          sleep(backoff.wait(behind: failures))
        }
      }
    }
  }

  private var settings: DeliverySettings {
    var settings = DeliverySettings()
    settings.longestWait = .seconds(60)
    return settings
  }

  private func sleep(_ time: Duration) {
    let end = services.clock.now() + time
    while !stop.isRaised, services.clock.now() < end {
      services.clock.sleep(for: min(end - services.clock.now(), .milliseconds(100)))
    }
  }

  /// Why a walk ends before its end.
  enum Halt: Error {
    case failure(ForwardFailure)
    case historyChanged
    case stop(ForwardReport.Stop, String, mayWorkLater: Bool)
  }
}

extension ForwardRun.Halt {
  init(_ failure: FeedFailure) {
    switch failure {
    case .historyChanged: self = .historyChanged
    case .refused(let words): self = .stop(.ledger, words, mayWorkLater: false)
    case .unreachable(let words): self = .stop(.ledger, words, mayWorkLater: true)
    }
  }
}
