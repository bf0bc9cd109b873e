import CohortModel

/// RULES §9; CONTRACT part 1, the table.
extension NaiveLedger {
  struct Admission {
    /// The key that every event of the request names.
    var key: KeyID
    var learns: Lesson?
  }

  /// A partner key that this request fixes.
  struct Lesson {
    var partner: PartnerID
    var digest: Digest
  }

  func isLive(_ key: KeyIssued) -> Bool {
    !now.invalidatedKeys.contains(key.key) && key.expiresAt.map { time < $0 } ?? true
  }

  private func liveKey(_ kind: KeyKind, _ digest: Digest?) -> KeyIssued? {
    now.keys.values.first { $0.kind == kind && $0.digest == digest && isLive($0) }
  }

  /// silent: a caller without an address is outside every network.
  private func isAllowed(_ key: KeyIssued, from address: NetworkAddress?) -> Bool {
    key.networks.isEmpty
      || address.map { address in key.networks.contains { $0.contains(address) } } ?? false
  }

  func admit(_ author: Author) throws(Refusal) -> Admission {
    switch author {
    case .local: return Admission(key: KeyID(0))
    case .bearer(let digest, let address, let needs):
      guard let key = liveKey(.rest, digest) else { throw .invalidAPIKey }
      // silent: CONTRACT part 0 has only this word for a REST key that does not hold here.
      guard isAllowed(key, from: address) else { throw .invalidAPIKey }
      guard key.permissions.contains(needs) else { throw .accessDenied(needs) }
      return Admission(key: key.key)
    case .partner(let credentials): return try admit(credentials)
    }
  }

  private func admit(_ credentials: PartnerCredentials) throws(Refusal) -> Admission {
    guard let partner = now.partner(code: credentials.code), let state = now.partners[partner],
      let shown = credentials.partnerKey
    else { throw .invalidPartnerKey }
    var lesson: Lesson?
    let partnerKey = liveKey(.partner, shown)
    if partnerKey?.partner != partner {
      // A secret that the log knows already is never learned: it may have been invalidated. A
      // request with a live partner key teaches nothing. A disabled partner that learns is refused
      // by the row of the table that says so, so it learns nothing either.
      guard state.learns, !now.keys.values.contains(where: { $0.digest == shown })
      else { throw .invalidPartnerKey }
      lesson = Lesson(partner: partner, digest: shown)
    }
    guard let key = liveKey(.dataImport, credentials.dataImportKey) else {
      throw .invalidClientSecret
    }
    guard key.partner == partner, state.isEnabled else {
      throw .partnerNotEnabled
    }
    // silent: where both keys have networks, the caller must be inside both.
    guard isAllowed(key, from: credentials.address),
      lesson != nil || partnerKey.map({ isAllowed($0, from: credentials.address) }) ?? false
    else { throw .unauthorizedNetwork }
    // silent: of the two keys, events name the data import key.
    return Admission(key: key.key, learns: lesson)
  }

  /// The learned key stands in the log before the rest of the request.
  mutating func learn(_ lesson: Lesson) {
    // silent: the label of a learned key.
    record(newKey(.partner, partner: lesson.partner, label: "learned", digest: lesson.digest))
  }

  /// A partner that gets a key does not learn one any more, however it gets it.
  private mutating func newKey(
    _ kind: KeyKind, partner: PartnerID?, label: Text, permissions: Permissions = [],
    networks: [Network] = [], expiresAt: Instant? = nil, digest: Digest
  ) -> Event {
    let issued = KeyIssued(
      key: KeyID(UInt32(now.keys.count + 1)), kind: kind, partner: partner, label: label,
      permissions: permissions, networks: networks, expiresAt: expiresAt, digest: digest)
    now.keys[issued.key] = issued
    if let partner, kind == .partner { now.partners[partner]?.learns = false }
    return .keyIssued(issued)
  }

  mutating func enable(_ wish: EnablePartner) throws(Refusal) -> Answer {
    let isCode =
      (1...64).contains(wish.code.bytes.count)
      && wish.code.description.utf8.allSatisfy {
        "abcdefghijklmnopqrstuvwxyz0123456789_-".utf8.contains($0)
      }
    guard isCode else { throw .invalidPartnerCode(wish.code) }
    if let name = wish.displayName, !isValidName(name.bytes) { throw .invalidName("display_name") }
    let known = now.partner(code: wish.code)
    var digest: Digest?
    if case .digest(let given) = wish.key { digest = given }
    var key = now.keys.values.first { $0.digest == digest && digest != nil }
    if let taken = key {
      // silent: the live key of this very partner given again is already so.
      guard taken.kind == .partner, taken.partner == known, isLive(taken) else {
        throw .keyDigestTaken
      }
    }
    let id = known ?? PartnerID(UInt32(now.partners.count + 1))
    let before = now.partners[id]
    // Enabling without a word about the key leaves the learning as it was.
    let after = NaivePartner(
      code: wish.code,
      displayName: wish.displayName ?? before?.displayName ?? displayName(from: wish.code),
      isEnabled: true,
      learns: wish.key == .none ? before?.learns ?? false : wish.key == .learned)
    if before != after {
      now.partners[id] = after
      record(
        .partnerEnabled(
          PartnerEnabled(
            partner: id, code: after.code, displayName: after.displayName, learns: after.learns)))
    }
    if let digest, key == nil {
      let event = newKey(.partner, partner: id, label: "partner", digest: digest)
      record(event)
      key = now.keys.values.first { $0.digest == digest }
    }
    return .enabledPartner(id, key?.key)
  }

  /// silent: how a name is made from a code; here `best_partner` becomes `Best Partner`.
  private func displayName(from code: Text) -> Text {
    let words = code.description.split { $0 == "_" || $0 == "-" }
    return words.isEmpty
      ? code : Text(words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: " "))
  }

  mutating func disable(_ code: Text) throws(Refusal) -> Answer {
    guard let partner = now.partner(code: code) else { throw .unknownPartner(code) }
    if now.partners[partner]?.isEnabled == true {
      now.partners[partner]?.isEnabled = false
      record(.partnerDisabled(partner))
    }
    return .done
  }

  mutating func issue(_ wish: IssueKey) throws(Refusal) -> Answer {
    var partner: PartnerID?
    if wish.kind != .rest {
      guard let code = wish.partner else { throw .keyNeedsPartner(wish.kind) }
      partner = now.partner(code: code)
      guard partner != nil else { throw .unknownPartner(code) }
    }
    guard isValidName(wish.label.bytes) else { throw .invalidName("label") }
    if let end = wish.expiresAt, end <= time { throw .alreadyExpired(end) }
    // silent: only REST keys have permissions; what others are given is dropped.
    let permissions = wish.kind == .rest ? wish.permissions : []
    if let author = now.keys[key],
      let missing = permissions.list.first(where: { !author.permissions.contains($0) })
    {
      throw .cannotGrant(missing)
    }
    if let author = now.keys[key] { try checkLimits(of: wish, by: author) }
    guard !now.keys.values.contains(where: { $0.digest == wish.digest }) else {
      throw .keyDigestTaken
    }
    let event = newKey(
      wish.kind, partner: partner, label: wish.label, permissions: permissions,
      networks: wish.networks, expiresAt: wish.expiresAt, digest: wish.digest)
    record(event)
    return .issuedKey(KeyID(UInt32(now.keys.count)))
  }

  /// RULES §9: whoever is limited issues nothing that is less so.
  private func checkLimits(of wish: IssueKey, by author: KeyIssued) throws(Refusal) {
    let forever = Instant(microseconds: .max)
    if let end = author.expiresAt, wish.expiresAt ?? forever > end { throw .cannotOutlive(end) }
    guard !author.networks.isEmpty else { return }
    // No network is every network.
    if wish.networks.isEmpty { throw .cannotAdmit(author.networks) }
    for network in wish.networks {
      let holder = author.networks.first { own in
        own.prefix <= network.prefix && own.contains(network.address)
      }
      if holder == nil { throw .cannotAdmit(author.networks) }
    }
  }

  mutating func invalidate(_ key: KeyID) throws(Refusal) -> Answer {
    guard now.keys[key] != nil else { throw .unknownKey(key) }
    if now.invalidatedKeys.insert(key).inserted { record(.keyInvalidated(key)) }
    return .done
  }
}
