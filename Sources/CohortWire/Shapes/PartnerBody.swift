package import CohortModel

// CONTRACT part 1, whose table says which fault is told first:
//
//     not strict JSON, no object · keys · rate limit · cohort_id · name · created_at
//     · cohort_changes · too many
//
// Keys come before fields, so a body is read in two steps: first the credentials, with which the
// caller authenticates, then the fields. Unknown fields are ignored.

extension PartnerCredentials {
  /// Reads which keys a body shows.
  ///
  /// What is missing, empty or no string is not shown.
  ///
  /// - Parameters:
  ///   - body: One object.
  ///   - partner: The partner of the path.
  ///   - address: The caller's.
  ///   - digest: SHA-256.
  package init(
    body: JSONValue, partner: Text, from address: NetworkAddress?,
    digest: (Span<UInt8>) -> Digest
  ) {
    func shown(_ key: String) -> ArraySlice<UInt8>? {
      guard let text = body[key]?.string, !text.isEmpty else { return nil }
      return text
    }
    self.init(
      code: partner, partnerKey: shown("partner_api_key").map { digest($0.span) },
      dataImportKey: shown("client_secret").map { digest($0.span) }, address: address)
  }
}

extension WireError {
  static let cohortID = WireError(400, "cohort_id must be a valid string")
  static let cohortName = WireError(400, "name must be a non-empty string")
  static let createdAt = WireError(
    400, "created_at must be a valid time as an ISO-8601 string")
  static let cohortChanges = WireError(
    400,
    "cohort_changes must be an array of objects each with key user_ids and/or device_ids mapping "
      + "to an array of strings, or an aliases object")
}

extension NameCohort {
  /// Reads the fields of `POST /partners/{partner}/cohorts`.
  ///
  /// - Throws: The message of the first row of the table that applies.
  package init(body: JSONValue, partner: Text) throws(WireError) {
    let cohort = try CohortName(body: body, partner: partner)
    guard let name = body["name"]?.string, CohortName.isCohortID(name) else { throw .cohortName }
    guard
      let createdAt = body["created_at"]?.string
        .flatMap({ Instant(text: $0.span, syntax: .lenient) })
    else { throw .createdAt }
    self.init(cohort: cohort, name: Text(bytes: Array(name)), createdAt: createdAt)
  }
}

extension CohortName {
  fileprivate init(body: JSONValue, partner: Text) throws(WireError) {
    guard let id = body["cohort_id"]?.string, Self.isCohortID(id) else { throw .cohortID }
    self.init(partner: partner, cohortID: Text(bytes: Array(id)))
  }
}

extension ChangeMembers {
  /// Reads the fields of `POST /partners/{partner}/cohorts/users`.
  ///
  /// Identifiers stay where they are: the wish points into the buffer of the document.
  ///
  /// - Throws: The message of the first row of the table that applies.
  /// - Complexity: About a nanosecond an identifier.
  package init(
    body: JSONValue, partner: Text, wantsResults: Bool = false
  ) throws(WireError) {
    let cohort = try CohortName(body: body, partner: partner)
    guard let given = body["cohort_changes"], given.kind == .array else { throw .cohortChanges }
    var changes: [Change] = []
    changes.reserveCapacity(given.count)
    var total = 0
    for object in given.elements {
      guard let change = Change(object) else { throw .cohortChanges }
      total += change.count
      changes.append(change)
    }
    guard total <= Self.identifiersMax else {
      throw WireError(.tooMany(limit: Self.identifiersMax, what: .identifiers))
    }
    self.init(cohort: cohort, buffer: body.bytes, changes: changes, wantsResults: wantsResults)
  }
}

extension ChangeMembers.Change {
  /// - Returns: `nil` unless at least one kind of identifier is given and every type is right.
  fileprivate init?(_ object: JSONValue) {
    guard object.kind == .object else { return nil }
    let (userIDs, deviceIDs) = (object.given("user_ids"), object.given("device_ids"))
    let aliases = object.given("aliases")
    guard userIDs != nil || deviceIDs != nil || aliases != nil else { return nil }
    self.init(shouldRemove: false)
    if let shouldRemove = object.given("should_remove") {
      guard let bool = shouldRemove.bool else { return nil }
      self.shouldRemove = bool
    }
    if let userIDs, !userIDs.stringRanges(into: &self.userIDs) { return nil }
    if let deviceIDs, !deviceIDs.stringRanges(into: &self.deviceIDs) { return nil }
    if let aliases, !readAliases(aliases) { return nil }
  }

  /// A single object counts as an array of one.
  private mutating func readAliases(_ given: JSONValue) -> Bool {
    if given.kind == .array { return given.aliasRanges(into: &aliases) }
    guard let alias = given.aliasRange else { return false }
    aliases = [alias]
    return true
  }
}
