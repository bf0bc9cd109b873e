import CohortLedger
import CohortModel
import CohortWire

// Keys and partners: `GET /ledger/keys`, `/ledger/keys/{id}/activity`, `/ledger/partners`.

extension Question {
  /// The keys that had been issued, without secrets.
  func keys() throws -> Answered {
    let standing = try standing()
    let view = standing.view
    let names = view.wireNames
    let listing = Listing("keys", view.keys) { json, record in
      json.key(
        record, usage: view.state.keys.usage[Int(record.issued.key.rawValue)], now: view.instant,
        at: view.position, names)
    }
    return try answer(listing, standing) { json in
      // Uses are counted once, not at every position.
      json.member("writes_as_of", view.end)
    }
  }

  /// The requests of a key that recorded something, newest first.
  func keyActivity() throws -> Answered {
    let standing = try standing()
    let view = standing.view
    let text = match.ids[0].description
    guard let key = KeyID(text), key == KeyID(0) || view.state.keys.contains(key) else {
      throw WireError(
        404,
        "There is no key '\(TerminalText.escaped(String(text.prefix(64))))'. "
          + "See 'GET /ledger/keys'.")
    }
    let names = view.names(showingPeople: allows(.ledgerPeople))
    let positions = 1..<view.position.rawValue + 1
    let listing = Listing(key: "activity", places: positions) { after, limit in
      let limit = min(limit, 256)
      // One more, to know whether there are more.
      let found = try view.activity(
        of: key, before: after == 0 ? .never : Position(after), limit: limit + 1)
      let page = Array(found.prefix(limit))
      return Listing.Batch(
        page, next: found.count > limit ? page.last?.request.rawValue : nil
      ) { $0.activity($1.events, names) }
    }
    let reads = service.meters.reads(of: key)
    return try answer(listing, standing) { json in
      json.member("key_id", key.description)
      // Reads and refusals leave no event: they are known since the server's start (RULES §9).
      json.key("since_start")
      json.object {
        $0.member("reads", reads.reads)
        $0.member("refusals", reads.refusals)
        $0.member("last_read", reads.lastRead)
      }
    }
  }

  /// The partners that had been enabled by then.
  func partners() throws -> Answered {
    let standing = try standing()
    let view = standing.view
    let records = view.state.partners.records.filter {
      $0.isEnabled.version(at: view.position) != nil
    }
    var keys: [PartnerID: [KeyID]] = [:]
    for record in view.keys {
      if let partner = record.issued.partner {
        keys[partner, default: []].append(record.issued.key)
      }
    }
    var cohorts: [PartnerID: Int] = [:]
    for record in view.state.cohorts.records where record.createdAt <= view.position {
      cohorts[record.partner, default: 0] += 1
    }
    let listing = Listing("partners", records) { [keys, cohorts] json, record in
      let id = view.state.partners[record.code]
      json.partner(
        record, at: view.position, keys: id.flatMap { keys[$0] } ?? [],
        cohortCount: id.flatMap { cohorts[$0] } ?? 0)
    }
    return try answer(listing, standing) { _ in }
  }
}

extension View {
  /// The keys that existed, in the order of their issue.
  fileprivate var keys: [KeyRecord] { state.keys.records.filter { $0.issuedAt <= position } }

  /// What things are called here, with texts of people only for who may see them.
  func names(showingPeople isSeen: Bool) -> Names {
    wireNames(at: isNow ? .never : position, showsPersonalTexts: isSeen)
  }
}
