import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import CohortWire

/// Contract requests decided, encoded and applied in process: everything the writer does for an
/// import but waiting for the disk.
///
/// JSON bodies of 1,000 ids out of 1 M users, one in five removing, 50 cohorts; a published copy of
/// everything is held from group to group, as readers do.
func benchDecide() {
  for length in [13, 36] { benchDecide(idLength: length) }
}

private func benchDecide(idLength: Int) {
  var random = SplitMix(state: 7)
  let users = 1_000_000
  var shop = Shop(users: users, idLength: idLength)
  let idLists = (0..<2_000).map { _ in
    list(idLength, ids: (0..<1_000).map { _ in random.next() % UInt32(users) })
  }
  func push() {
    let ids = idLists[Int(random.next()) % idLists.count]
    shop.push(body(ids, cohort: random.next() % 50, removes: random.next() % 5 == 0))
  }
  // Until the cohorts are about as full as they stay.
  for _ in 0..<20_000 { push() }
  let before = shop.recorded
  var calls = 0
  time("decide, encode, apply \(idLength)-byte ids", "id", each: 1_000) {
    push()
    calls += 1
    return shop.position
  }
  let recorded = shop.recorded - before
  print(
    "  of which \(100 * recorded / (calls * 1_000)) in 100 recorded, "
      + "\(rounded(Double(shop.bytes) / Double(shop.recorded), 2)) bytes of log a recorded change")
}

/// A writer's desk without its threads.
private struct Shop {
  private var state = LedgerState(hashSeed: 1)
  private var history = History(HistoryOptions())
  private var published: LedgerState?
  private var publishedHistory: History?
  private var builder: FrameBuilder
  private var draft = Draft(at: Instant(microseconds: 1), prefetch: processorPrefetch)
  private var document = JSONDocument()
  private var time: Int64 = 1
  private(set) var recorded = 0
  private(set) var bytes = 0
  private let credentials: PartnerCredentials

  var position: UInt64 { state.position.rawValue }

  init(users: Int, idLength: Int) {
    let nonces = SystemRandomSource()
    builder = FrameBuilder(
      ledger: LedgerID(random: nonces), epoch: Epoch(generation: 1, random: nonces),
      chain: FrameChain(), tree: MerkleFrontier(), lastRequest: 0, random: nonces)
    let digest = SHA256.digest(Array("secret".utf8).span)
    let other = SHA256.digest(Array("other".utf8).span)
    credentials = PartnerCredentials(
      code: "hightouch", partnerKey: digest, dataImportKey: other, address: nil)
    perform(
      .enablePartner(EnablePartner(code: "hightouch", displayName: nil, key: .digest(digest))))
    perform(
      .issueKey(
        IssueKey(kind: .dataImport, partner: "hightouch", label: "bench", digest: other)))
    for start in stride(from: 0, to: users, by: 10_000) {
      perform(
        .importUsers(
          (start..<start + 10_000).map {
            ImportLine(line: $0 + 1, externalID: Text(bytes: id($0, idLength)))
          }))
      close()
    }
  }

  /// One import as the endpoint gets it: the body's bytes.
  mutating func push(_ body: [UInt8]) {
    guard (try? document.parse(copying: body.span)) != nil,
      let change = document.root["cohort_changes"]?.elements.first(where: { _ in true }),
      let cohort = document.root["cohort_id"]?.string
    else { return print("the body is not as it should be") }
    var ranges: [TextRange] = []
    _ = change["user_ids"]?.stringRanges(into: &ranges)
    let wish = Wish.changeMembers(
      ChangeMembers(
        cohort: CohortName(partner: "hightouch", cohortID: Text(bytes: Array(cohort))),
        buffer: document.bytes,
        changes: [
          ChangeMembers.Change(
            shouldRemove: change["should_remove"]?.bool ?? false, userIDs: ranges)
        ]))
    perform(wish, by: .partner(credentials))
    if builder.estimatedSize >= 1 << 20 { close() }
  }

  private mutating func perform(_ wish: Wish, by author: Author = .local) {
    if !builder.isOpen {
      time += 1
      let now = Instant(microseconds: time)
      builder.begin(time: now, rawClock: now, expectedSize: 1 << 20)
    }
    draft.begin(at: Instant(microseconds: time))
    let first = builder.nextPosition
    guard (try? state.perform(Command(author: author, wish: wish), into: &draft)) != nil else {
      return print("refused")
    }
    var position = first
    for (index, event) in draft.events.enumerated() {
      _ = try? builder.append(
        event, key: draft.key, endsRequest: index == draft.events.count - 1)
      history.apply(event, at: position, Instant(microseconds: time))
      position = position.advanced(by: 1)
      if case .membersChanged(let event) = event { recorded += event.users.count }
    }
    history.settle(state.memberships)
  }

  private mutating func close() {
    guard builder.isOpen else { return }
    let frame = builder.finish()
    if recorded > 0 { bytes += frame.bytes.count }
    published = state
    publishedHistory = history
  }
}

private func id(_ number: Int, _ length: Int) -> [UInt8] {
  let digits = Array(String(number).utf8)
  return Array("customer-".utf8)
    + [UInt8](repeating: 0x30, count: max(0, length - 9 - digits.count)) + digits
}

private func list(_ length: Int, ids: [UInt32]) -> [UInt8] {
  let names = ids.map { "\"\(String(decoding: id(Int($0), length), as: UTF8.self))\"" }
  return Array(names.joined(separator: ",").utf8)
}

/// Ids, cohort and flag are put together anew for every call; the copy is part of what is measured.
private func body(_ ids: [UInt8], cohort: UInt32, removes: Bool) -> [UInt8] {
  var body = Array(
    """
    {"partner_api_key":"pk-1","client_secret":"dik-1","cohort_id":"cohort-\(cohort)",\
    "cohort_changes":[{"user_ids":[
    """.utf8)
  body.reserveCapacity(body.count + ids.count + 32)
  body += ids
  body += Array("],\"should_remove\":\(removes)}]}".utf8)
  return body
}
