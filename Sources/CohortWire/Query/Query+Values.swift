package import CohortModel

// The values of parameters by their types. Each throws a 400 that names the parameter.

extension Query {
  package func moment(_ parameter: QueryParameter) throws(WireError) -> Moment? {
    guard let text = self[parameter] else { return nil }
    guard let moment = Moment(text: text.timeBytes.span) else { throw .bad(parameter) }
    return moment
  }

  package func instant(
    _ parameter: QueryParameter, _ syntax: TimeSyntax = .rfc3339
  ) throws(WireError) -> Instant? {
    guard let text = self[parameter] else { return nil }
    let bytes = syntax == .rfc3339 ? text.timeBytes : text.bytes
    if let instant = Instant(text: bytes.span, syntax: syntax) { return instant }
    guard let instant = Instant(text: text.timeBytes.span, syntax: syntax) else {
      throw .bad(parameter)
    }
    return instant
  }

  /// A whole number: digits without sign and without leading zeros.
  package func number(_ parameter: QueryParameter) throws(WireError) -> UInt64? {
    guard let text = self[parameter] else { return nil }
    guard let number = text.wholeNumber else { throw .bad(parameter) }
    return number
  }

  package func number(
    _ parameter: QueryParameter, in range: ClosedRange<Int>, or usual: Int
  ) throws(WireError) -> Int {
    guard let number = try number(parameter) else { return usual }
    guard let number = Int(exactly: number), range.contains(number) else { throw .bad(parameter) }
    return number
  }

  /// How many items a page has at most: 1 to 10,000, usually 100.
  package func limit() throws(WireError) -> Int {
    try number(.limit, in: 1...Self.limitMax, or: 100)
  }

  package static var limitMax: Int { 10_000 }

  package func flag(_ parameter: QueryParameter) throws(WireError) -> Bool {
    try choice(parameter, ["false", "true"]) == "true"
  }

  /// One of some words, the first of them if none is given.
  package func choice(
    _ parameter: QueryParameter, _ words: [String]
  ) throws(WireError) -> String {
    guard let text = self[parameter] else { return words[0] }
    guard let word = words.first(where: { $0.utf8.elementsEqual(text.bytes) }) else {
      throw .bad(parameter)
    }
    return word
  }

  /// Whether `identity` or `definition` asks for those of now.
  package func isNow(_ parameter: QueryParameter) throws(WireError) -> Bool {
    try choice(parameter, ["then", "now"]) == "now"
  }

  /// Whether the last stands first.
  package func isDescending() throws(WireError) -> Bool {
    try choice(.sortDirection, ["asc", "desc"]) == "desc"
  }

  /// A thing by its number, as in `segment:3`.
  package func id<Kind>(_ parameter: QueryParameter, of kind: Kind.Type) throws(WireError) -> ID<
    Kind
  >? {
    guard let text = self[parameter] else { return nil }
    guard let id = ID<Kind>(text.description) else { throw .bad(parameter) }
    return id
  }

  /// The user that is asked about: by exactly one kind of name.
  ///
  /// - Parameter isWide: Whether it may also be a name that an import can give and nobody can have:
  ///   an empty one, or one that is too long.
  /// - Returns: Who is named; perhaps nobody.
  /// - Throws: 400 unless there is one.
  package func userName(isWide: Bool = false) throws(WireError) -> UserName {
    let kinds: [(QueryParameter, Bool)] = [
      (.externalID, has(.externalID)), (.aliasName, has(.aliasName) || has(.aliasLabel)),
      (.deviceID, has(.deviceID)), (.user, has(.user)),
    ]
    let given = kinds.filter(\.1).map(\.0)
    guard given.count == 1 else {
      throw WireError(
        400,
        given.isEmpty
          ? "No user is named. Send 'external_id', 'alias_label' and 'alias_name', 'device_id' or "
            + "'user'."
          : "The user is named in more than one way. Send one of them.")
    }
    switch given[0] {
    case .externalID: return .externalID(try name(.externalID, isWide))
    case .deviceID: return .device(try name(.deviceID, isWide))
    case .user: return .number(try userNumber())
    default: return .alias(label: try name(.aliasLabel, isWide), name: try name(.aliasName, isWide))
    }
  }

  private func userNumber() throws(WireError) -> UserID {
    let text = try name(.user)
    if let user = UserID(text.description) { return user }
    guard let number = text.wholeNumber.flatMap(UInt32.init(exactly:)) else { throw .bad(.user) }
    return UserID(number)
  }

  /// A text that can be somebody's.
  private func name(
    _ parameter: QueryParameter, _ isWide: Bool = false
  ) throws(WireError) -> Text {
    guard let text = self[parameter] else { throw .lacking(parameter) }
    guard isWide || (1...PersonalText.sizeMax).contains(text.bytes.count) else {
      throw .bad(parameter)
    }
    return text
  }

  /// The cohort that `partner` and `cohort_id` name; `nil` if neither is given.
  package func cohortName() throws(WireError) -> CohortName? {
    guard has(.partner) || has(.cohortID) else { return nil }
    guard let partner = self[.partner] else { throw .lacking(.partner) }
    guard let id = self[.cohortID] else { throw .lacking(.cohortID) }
    guard CohortName.isPartner(partner.bytes[...]) else { throw .bad(.partner) }
    guard CohortName.isCohortID(id.bytes[...]) else { throw .bad(.cohortID) }
    return CohortName(partner: partner, cohortID: id)
  }

  /// The cohort that `cohort=hightouch/vip` names.
  package func cohortPath() throws(WireError) -> CohortName? {
    guard let text = self[.cohort] else { return nil }
    do { return try CohortName(path: text.bytes) } catch { throw .bad(.cohort) }
  }
}

extension Text {
  /// A whole number without sign and leading zeros.
  package var wholeNumber: UInt64? {
    guard let first = bytes.first, first != UInt8(ascii: "0") || bytes.count == 1 else {
      return nil
    }
    var number: UInt64 = 0
    for byte in bytes {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      let (product, isTooLarge) = number.multipliedReportingOverflow(by: 10)
      let (sum, isOver) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
      if isTooLarge || isOver { return nil }
      number = sum
    }
    return number
  }

  /// The text as a time: where its offset begins with a space, a plus sign was sent as it is.
  ///
  /// No time has a space there, so nothing is guessed: `2026-11-21T00:41:59+01:00` is what people
  /// type, and `%2B` what they mean.
  fileprivate var timeBytes: [UInt8] {
    guard bytes.count >= 6, bytes[bytes.count - 6] == UInt8(ascii: " ") else { return bytes }
    var bytes = bytes
    bytes[bytes.count - 6] = UInt8(ascii: "+")
    return bytes
  }
}
