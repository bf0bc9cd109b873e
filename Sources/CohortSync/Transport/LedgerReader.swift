package import CohortModel
package import CohortWire

/// Asks a ledger over HTTP, with a key that may read.
///
/// A question that gets no answer, or one of an overloaded server, is asked again a few times.
package struct LedgerReader: LedgerQuestions {
  private let endpoint: String
  private let key: SecretText
  private let web: any WebClient
  private let clock: any CourierClock
  private let now: @Sendable () -> Instant
  private let settings: DeliverySettings
  /// Members in one answer; the contract has no more.
  private static let pageSize = 10_000

  /// - Parameters:
  ///   - endpoint: What stands before every path, without a slash at its end.
  ///   - key: The `read_key`; it travels in a header.
  ///   - web: Who speaks to it.
  ///   - clock: To wait by between two attempts.
  ///   - settings: How often to try, and how long to wait.
  ///   - now: The clock, to know how far away the moments are that it names.
  package init(
    _ endpoint: String, _ key: SecretText, _ web: any WebClient,
    clock: any CourierClock = MonotonicClock(), settings: DeliverySettings = Self.patience,
    now: @escaping @Sendable () -> Instant
  ) {
    (self.endpoint, self.key, self.web) = (endpoint, key, web)
    (self.clock, self.settings, self.now) = (clock, settings, now)
  }

  /// Five attempts within about ten seconds; a wait of at most a minute if the ledger asks for it.
  package static var patience: DeliverySettings {
    var settings = DeliverySettings()
    (settings.attempts, settings.patience) = (5, .seconds(60))
    return settings
  }

  package func ledgerID() throws(LedgerUnread) -> String {
    let root = try get("/ledger/status").root
    guard let id = root["ledger"]?.string else { throw noLedger }
    return String(decoding: id, as: UTF8.self)
  }

  package func exists(_ cohort: CohortName) throws(LedgerUnread) -> Bool {
    guard let root = try find(path(of: cohort))?.root else { return false }
    guard root["cohort_id"]?.string?.elementsEqual(cohort.cohortID.bytes) == true else {
      throw noLedger
    }
    return root["exists"]?.bool != false
  }

  package func members(
    of cohort: CohortName, _ body: (LedgerMember) -> Void
  ) throws(LedgerUnread) {
    var seen = 0
    var next = ""
    repeat {
      // Page by page, all of one moment: a page that is lost on its way is asked for again, and
      // the whole never stands in memory.
      let target = "\(path(of: cohort))/members?limit=\(Self.pageSize)\(next)"
      guard let root = try (seen == 0 ? find(target) : get(target))?.root else { return }
      guard let list = root["members"], list.kind == .array,
        let count = root["count"]?.unsignedInteger
      else { throw noLedger }
      for item in list.elements {
        guard item["external_id"] != nil else {
          throw LedgerUnread(
            reason: "The ledger shows no identifiers to 'read_key'. "
              + "Give the key the permission ledger.people.")
        }
        guard let member = LedgerMember(item) else { throw noLedger }
        body(member)
      }
      seen += list.count
      guard let cursor = root["next"]?.string, list.count > 0 else {
        guard UInt64(seen) == count else {
          throw LedgerUnread(
            reason: "The ledger listed \(seen) of \(count) members. Run the sync again.")
        }
        return
      }
      next = "&next=\(PercentEncoding.segment(cursor))"
    } while true
  }

  package func user(
    _ kind: MatchKind, _ identifier: [UInt8]
  ) throws(LedgerUnread) -> UserID? {
    let text = PercentEncoding.segment(identifier)
    let query =
      switch kind {
      case .externalID: "external_id=\(text)"
      case .alias(let label):
        "alias_label=\(PercentEncoding.segment(label.bytes))&alias_name=\(text)"
      case .device: "device_id=\(text)"
      }
    guard let root = try find("/ledger/users?\(query)")?.root else { return nil }
    guard let number = root["user"]?.unsignedInteger, let user = UInt32(exactly: number) else {
      throw noLedger
    }
    return UserID(user)
  }

  package func tell(of run: SyncRunReport) {
    let headers =
      LedgerPreview.headers(key) + [(name: SyncRunReport.fieldName, value: run.field)]
    // Once, and not for long: the run is over, and somebody may wait for its end.
    _ = try? web.send(
      WebRequest("GET", endpoint + "/ledger/status", headers: headers, timeout: .seconds(5)))
  }

  package var preview: any Destination {
    LedgerPreview(endpoint: endpoint, key: key, web: web, now: now)
  }

  private func path(of cohort: CohortName) -> String {
    "/ledger/cohorts/\(PercentEncoding.segment(cohort.partner.bytes))/"
      + PercentEncoding.segment(cohort.cohortID.bytes)
  }

  // MARK: Asking

  private var noLedger: LedgerUnread {
    LedgerUnread(
      reason: "The endpoint does not answer as a ledger. "
        + "Check 'endpoint', or leave 'read_key' out if it is none.")
  }

  private func get(_ target: String) throws(LedgerUnread) -> JSONDocument {
    guard let document = try find(target) else { throw noLedger }
    return document
  }

  /// - Returns: `nil` if a ledger says that there is no such thing.
  private func find(_ target: String) throws(LedgerUnread) -> JSONDocument? {
    let answer = try ask(target)
    let document = try? JSONDocument(parsing: answer.body)
    switch answer.status {
    case 200:
      guard let document else { throw noLedger }
      return document
    case 404:
      // A ledger says so in JSON; anything else has no such path at all.
      guard document?.root["message"]?.string != nil else { throw noLedger }
      return nil
    default:
      let said = document?.root["message"]?.string.map {
        " '\(String(decoding: $0.prefix(300), as: UTF8.self))'"
      }
      throw LedgerUnread(
        reason: "The ledger does not answer what it is asked: \(answer.status)\(said ?? ""). "
          + (answer.status == 401 || answer.status == 403
            ? "Check 'read_key' and its permissions ledger.read and ledger.people."
            : "Check 'endpoint', or run the sync again later."))
    }
  }

  /// Asks until there is an answer that is worth reading.
  private func ask(_ target: String) throws(LedgerUnread) -> WebAnswer {
    let request = WebRequest("GET", endpoint + target, headers: LedgerPreview.headers(key))
    var backoff = Backoff(settings, seed: UInt64(target.utf8.count))
    var failure = ""
    for attempt in 1...settings.attempts {
      var asked: Duration?
      do throws(NoAnswer) {
        let answer = try web.send(request)
        guard answer.status == 429 || answer.status >= 500 else { return answer }
        asked = RetryAfter.read(answer, now: now())
        failure = "\(answer.status)"
      } catch { failure = error.reason }
      guard attempt < settings.attempts, asked ?? .zero <= settings.patience else { break }
      clock.sleep(for: max(asked ?? .zero, backoff.wait(behind: attempt)))
    }
    throw LedgerUnread(
      reason: "The ledger cannot be asked (\(failure)). Check 'endpoint', or run the sync again.")
  }
}

extension LedgerMember {
  /// Reads `{"user":17,"external_id":…,"aliases":[…],"device_ids":[…]}`; `nil` if it is none.
  ///
  /// Texts that are erased are null, and left out.
  init?(_ value: JSONValue) {
    guard let number = value["user"]?.unsignedInteger, let user = UInt32(exactly: number),
      let externalID = value["external_id"], externalID.isNull || externalID.string != nil,
      let aliases = value["aliases"], aliases.kind == .array,
      let devices = value["device_ids"], devices.kind == .array
    else { return nil }
    self.init(
      user: UserID(user), externalID: externalID.string.map { Array($0) },
      aliases: aliases.elements.compactMap { alias in
        guard let label = alias["alias_label"]?.string, let name = alias["alias_name"]?.string
        else { return nil }
        return Alias(label: Text(bytes: Array(label)), name: Text(bytes: Array(name)))
      },
      deviceIDs: devices.elements.compactMap { $0.string.map { Array($0) } })
  }
}
