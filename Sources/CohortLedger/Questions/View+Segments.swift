import CohortLog
public import CohortModel

/// What a filter comes to: its exact size, and what each leaf would come to alone.
public struct FilterSize: Sendable {
  public struct Leaf: Sendable {
    public let filter: Filter
    public let size: Int
  }

  public let size: Int
  /// In the order in which they stand in the filter.
  public let leaves: [Leaf]
}

extension View {
  func evaluation(_ definitions: DefinitionsAsOf) -> FilterEvaluation<History> {
    FilterEvaluation(
      FilterQuestion(state, history, at: position, instant, definitions: definitions))
  }

  /// Who meets a filter.
  ///
  /// RULES §6.
  ///
  /// - Complexity: O(chunks) for each leaf; one that looks back reads the changes since then.
  public func users(
    _ filter: Filter, definitions: DefinitionsAsOf = .then
  ) throws(LedgerError) -> LiveUsers {
    var evaluation = evaluation(definitions)
    return try asking { () throws(LogError) in try evaluation.users(filter) }
  }

  /// Who is in a segment.
  ///
  /// - Returns: `nil` before the segment's first version, unless today's definition is asked for.
  public func users(
    _ segment: SegmentID, definitions: DefinitionsAsOf = .then
  ) throws(LedgerError) -> LiveUsers? {
    guard definition(of: segment, definitions) != nil else { return nil }
    var evaluation = evaluation(definitions)
    return try asking { () throws(LogError) in try evaluation.users(segment) }
  }

  /// The version of a segment that is seen.
  public func definition(
    of segment: SegmentID, _ definitions: DefinitionsAsOf = .then
  ) -> SegmentSaved? {
    state.segments.definition(of: segment, at: definitions == .now ? .never : position)
  }

  /// How many meet a filter, and how many each of its leaves alone.
  public func size(
    of filter: Filter, definitions: DefinitionsAsOf = .then
  ) throws(LedgerError) -> FilterSize {
    var evaluation = evaluation(definitions)
    return try asking { () throws(LogError) in
      FilterSize(
        size: try evaluation.size(filter),
        leaves: try evaluation.leafSizes(of: filter).map {
          FilterSize.Leaf(filter: $0.leaf, size: $0.size)
        })
    }
  }

  /// A filter as people write it, with its cohorts and segments looked up among those of today.
  ///
  /// - Throws: ``LedgerError/refused(_:at:)`` as when it is saved.
  public func resolve(_ filter: NamedFilter) throws(LedgerError) -> Filter {
    do { return try state.resolve(filter, at: instant) } catch {
      throw .refused(error, at: end)
    }
  }

  /// Why a filter holds for a user, or does not: the tree with the truth of every part.
  ///
  /// A segment that is included more than once is explained where it stands first.
  ///
  /// - Complexity: O(size of all included filters), each once, and what each leaf takes.
  public func explain(
    _ filter: Filter, _ user: UserID, definitions: DefinitionsAsOf = .then
  ) throws(LedgerError) -> FilterTruth {
    let question = FilterQuestion(state, history, at: position, instant, definitions: definitions)
    return try asking { () throws(LogError) in try question.explain(filter, user) }
  }

  /// Which of some segments hold a user, in their order.
  ///
  /// - Complexity: O(size of all their filters), each once, and what each leaf takes.
  package func holding(
    _ segments: [SegmentID], _ user: UserID
  ) throws(LedgerError) -> [SegmentID] {
    let question = FilterQuestion(state, history, at: position, instant, definitions: .then)
    return try asking { () throws(LogError) in try question.holding(segments, user) }
  }
}

extension Ledger {
  /// The size of a segment at an instant and whole days before it, oldest first.
  ///
  /// Days before its first version are left out.
  ///
  /// - `length`: How many days, 1 to 100.
  public func series(
    of segment: SegmentID, length: Int, endingAt end: Instant
  ) throws(LedgerError) -> [SizePoint] {
    precondition((1...100).contains(length), "A series has 1 to 100 days.")
    var series: [SizePoint] = []
    for day in (0..<length).reversed() {
      let time = Instant(microseconds: end.microseconds - Int64(day) * 86_400_000_000)
      let view = try view(asOf: .instant(time))
      if let users = try view.users(segment) {
        series.append(SizePoint(time: time, size: users.count))
      }
    }
    return series
  }
}
