extension LedgerState {
  mutating func perform(_ wish: EnablePartner, _ draft: inout Draft) throws(Refusal) -> Answer {
    guard Self.isPartnerCode(wish.code) else { throw .invalidPartnerCode(wish.code) }
    if let name = wish.displayName { try Self.require(name: name, "display_name") }
    let known = partners[wish.code]
    let digest: Digest? = if case .digest(let digest) = wish.key { digest } else { nil }
    if let digest, let taken = keys.find(digest) {
      let record = keys[taken]
      guard record.issued.kind == .partner, record.issued.partner == known, known != nil,
        record.isLive(at: draft.time)
      else { throw .keyDigestTaken }
    }

    let partner = known ?? partners.next
    let record = known.map { partners[$0] }
    let event = PartnerEnabled(
      partner: partner, code: wish.code,
      displayName: wish.displayName ?? record?.displayName.latest ?? Self.displayName(wish.code),
      learns: wish.key == .learned || (record?.learns ?? false) && digest == nil)
    if record?.isEnabled.latest != true || record?.displayName.latest != event.displayName
      || record?.learns != event.learns
    {
      self.record(.partnerEnabled(event), in: &draft)
    }
    guard let digest else { return .enabledPartner(partner, nil) }
    if let taken = keys.find(digest) { return .enabledPartner(partner, taken) }
    let key = keys.next
    self.record(
      .keyIssued(
        KeyIssued(
          key: key, kind: .partner, partner: partner, label: "partner API key", permissions: [],
          networks: [], expiresAt: nil, digest: digest)), in: &draft)
    return .enabledPartner(partner, key)
  }

  mutating func perform(
    disabling code: Text, _ draft: inout Draft
  ) throws(Refusal) -> Answer {
    guard let partner = partners[code] else { throw .unknownPartner(code) }
    if partners[partner].isEnabled.latest == true {
      record(.partnerDisabled(partner), in: &draft)
    }
    return .done
  }

  mutating func perform(
    _ wish: IssueKey, by author: Authenticated, _ draft: inout Draft
  ) throws(Refusal) -> Answer {
    var partner: PartnerID?
    switch (wish.kind, wish.partner) {
    case (.rest, nil): break
    case (.rest, .some), (.partner, nil), (.dataImport, nil): throw .keyNeedsPartner(wish.kind)
    case (.partner, .some(let code)), (.dataImport, .some(let code)):
      guard let known = partners[code] else { throw .unknownPartner(code) }
      partner = known
    }
    try Self.require(name: wish.label, "label")
    if let expiry = wish.expiresAt, expiry <= draft.time { throw .alreadyExpired(expiry) }
    let missing = wish.permissions.subtracting(author.permissions)
    if let permission = missing.list.first { throw .cannotGrant(permission) }
    if author.key != KeyID(0) { try require(wish, within: keys[author.key].issued) }
    guard keys.find(wish.digest) == nil else { throw .keyDigestTaken }
    let key = keys.next
    record(
      .keyIssued(
        KeyIssued(
          key: key, kind: wish.kind, partner: partner, label: wish.label,
          permissions: wish.kind == .rest ? wish.permissions : [], networks: wish.networks,
          expiresAt: wish.expiresAt, digest: wish.digest)), in: &draft)
    return .issuedKey(key)
  }

  /// Refuses a key that would open the ledger when, or from where, the key that issues it does not.
  ///
  /// Each network must lie within one of the issuer's; those of several are not put together.
  private func require(_ wish: IssueKey, within issuer: KeyIssued) throws(Refusal) {
    if let limit = issuer.expiresAt {
      guard let expiry = wish.expiresAt, expiry <= limit else { throw .cannotOutlive(limit) }
    }
    if !issuer.networks.isEmpty {
      let isWithin = wish.networks.allSatisfy { network in
        issuer.networks.contains { $0.contains(network) }
      }
      guard !wish.networks.isEmpty, isWithin else { throw .cannotAdmit(issuer.networks) }
    }
  }

  mutating func perform(
    invalidating key: KeyID, _ draft: inout Draft
  ) throws(Refusal) -> Answer {
    guard keys.contains(key) else { throw .unknownKey(key) }
    if keys[key].invalidatedAt == nil { record(.keyInvalidated(key), in: &draft) }
    return .done
  }

  static func isPartnerCode(_ code: Text) -> Bool {
    (1...64).contains(code.bytes.count)
      && code.bytes.allSatisfy { byte in
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
          || byte == 0x2D
      }
  }

  /// `hightouch` is shown as `Hightouch` until somebody says otherwise.
  private static func displayName(_ code: Text) -> Text {
    var bytes = code.bytes
    if let first = bytes.first, (0x61...0x7A).contains(first) { bytes[0] = first - 0x20 }
    return Text(bytes: bytes)
  }

  /// Refuses names that are empty, longer than 1,024 bytes, or hold U+0000.
  static func require(name: Text, _ field: String) throws(Refusal) {
    guard isName(name) else { throw .invalidName(field) }
  }

  static func isName(_ name: Text) -> Bool {
    (1...PersonalText.sizeMax).contains(name.bytes.count) && !name.bytes.contains(0)
  }
}
