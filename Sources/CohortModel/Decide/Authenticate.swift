/// Who a command is from, once that is proven.
struct Authenticated {
  let key: KeyID
  /// What may be granted further: all for the operator.
  let permissions: Permissions
  /// The partner key that this request fixes.
  ///
  /// RULES §9.
  var learned: KeyIssued?
}

extension LedgerState {
  /// Checks what the author showed, as of `now`.
  ///
  /// Done when a request begins and again when it is sequenced, so that no request escapes an
  /// invalidation that stands before it in the log.
  func authenticate(_ author: Author, at now: Instant) throws(Refusal) -> Authenticated {
    switch author {
    case .local: return Authenticated(key: KeyID(0), permissions: .all)
    case .bearer(let digest, let address, let needs):
      guard let id = keys.find(digest) else { throw .invalidAPIKey }
      let record = keys[id]
      guard record.issued.kind == .rest, record.isLive(at: now), record.admits(address) else {
        throw .invalidAPIKey
      }
      guard record.issued.permissions.contains(needs) else { throw .accessDenied(needs) }
      return Authenticated(key: id, permissions: record.issued.permissions)
    case .partner(let credentials): return try authenticate(credentials, at: now)
    }
  }

  /// Checks a REST key, or a partner's pair of keys, without carrying anything out.
  public func check(_ author: Author, at now: Instant) throws(Refusal) -> KeyID {
    try authenticate(author, at: now).key
  }

  /// In the order of the table in CONTRACT part 1.
  private func authenticate(
    _ credentials: PartnerCredentials, at now: Instant
  ) throws(Refusal) -> Authenticated {
    guard let partner = partners[credentials.code], let shown = credentials.partnerKey else {
      throw .invalidPartnerKey
    }
    let partnerKey = keys.findPartnerKey(shown, of: partner, at: now)
    guard partnerKey != nil || partners[partner].learns && keys.find(shown) == nil else {
      throw .invalidPartnerKey
    }

    guard let digest = credentials.dataImportKey, let id = keys.find(digest) else {
      throw .invalidClientSecret
    }
    let record = keys[id]
    guard record.issued.kind == .dataImport, record.isLive(at: now) else {
      throw .invalidClientSecret
    }
    guard record.issued.partner == partner, partners[partner].isEnabled.latest == true else {
      throw .partnerNotEnabled
    }
    // A caller must be inside the networks of both keys.
    guard record.admits(credentials.address),
      partnerKey.map({ keys[$0].admits(credentials.address) }) ?? true
    else { throw .unauthorizedNetwork }
    return Authenticated(
      key: id, permissions: [],
      learned: partnerKey != nil
        ? nil
        : KeyIssued(
          key: keys.next, kind: .partner, partner: partner, label: "learned", permissions: [],
          networks: [], expiresAt: nil, digest: shown))
  }
}
