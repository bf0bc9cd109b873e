import CohortModel
import CohortWire

/// Reads the results of an answer that says what was sent in the same words, and in the shortest
/// way: as this ledger writes it.
///
///     {"message":"success","outcomes":{…},"results":[
///      {"change":0,"user_id":"a","outcome":"added"},{"change":0,"user_id":"b","outcome":"added"}
///     ],"position":41}
///
/// Each result is then a comparison with bytes that are known before. What is left, the answer with
/// `"results":""`, is for the reader of JSON, who must find that empty text, at its place, where
/// results belong: so whatever is read here would have been read from the whole answer, and is the
/// same. Anything else is not read here: other spellings, survivors, identifiers that JSON escapes
/// or that are not ASCII.
struct PlainResults {
  /// The answer, with an empty text for its results.
  let rest: [UInt8]
  /// Where that text lies.
  let mark: TextRange
  /// One for each identifier.
  let fates: [Fate]

  private static let opening = Array(#""results":["#.utf8)

  /// - Returns: `nil` for an answer that is not such, which says nothing about it.
  init?(_ answer: [UInt8], _ parcel: Parcel, _ places: Range<Int>, isRemoval: Bool) {
    guard let start = Self.start(answer.span) else { return nil }
    let (before, between) = Self.words(of: parcel.kind)
    let endings = Self.endings(isRemoval: isRemoval)
    let chosen = parcel.identifiers(isRemoval: isRemoval)
    let (list, ranks) = (chosen.identifiers.texts, chosen.ranks)
    var fates: [Fate] = []
    fates.reserveCapacity(places.count)
    var at = start
    for place in places {
      let identifier = list.bytes.span.extracting(list.range(Int(ranks[place])))
      guard place == places.lowerBound || answer.span.takes(UInt8(ascii: ","), &at),
        answer.span.takes(before.span, &at), answer.span.takes(identifier, &at),
        ByteScanner.endOfPlainString(in: identifier, from: 0) == identifier.count,
        answer.span.takes(between.span, &at)
      else { return nil }
      var fate: Fate?
      for ending in endings where fate == nil {
        if answer.span.takes(ending.words.span, &at) { fate = ending.fate }
      }
      guard let fate else { return nil }
      fates.append(fate)
    }
    guard at < answer.count, answer[at] == UInt8(ascii: "]") else { return nil }
    rest = answer[..<(start - 1)] + [UInt8(ascii: "\""), UInt8(ascii: "\"")] + answer[(at + 1)...]
    mark = TextRange(start: start, count: 0)
    self.fates = fates
  }

  /// The place behind the first `"results":[`.
  private static func start(_ answer: Span<UInt8>) -> Int? {
    var at = 0
    while at < answer.count {
      at = ByteScanner.first(of: UInt8(ascii: "\""), in: answer, from: at)
      if answer.takes(opening.span, &at) { return at }
      at += 1
    }
    return nil
  }

  /// What stands before each identifier, and behind it up to the outcome.
  private static func words(of kind: MatchKind) -> (before: [UInt8], between: [UInt8]) {
    let (before, between) =
      switch kind {
      case .externalID: (#"{"change":0,"user_id":""#, Array("\"".utf8))
      case .device: (#"{"change":0,"device_id":""#, Array("\"".utf8))
      case .alias(let label):
        (
          #"{"change":0,"alias":{"alias_name":""#,
          {
            var json = JSONWriter(behind: Array(#"","alias_label":"#.utf8))
            json.string(utf8: label.bytes)
            return json.bytes + Array("}".utf8)
          }()
        )
      }
    return (Array(before.utf8), between + Array(#","outcome":""#.utf8))
  }

  /// How a result may end.
  private static func endings(isRemoval: Bool) -> [(fate: Fate, words: [UInt8])] {
    Outcome.allCases.compactMap { outcome in
      AnswerReader.fate(outcome, isRemoval: isRemoval).map {
        (fate: $0, words: Array("\(outcome.name)\"}".utf8))
      }
    }
  }
}

extension Span where Element == UInt8 {
  /// Steps over some bytes if they stand at `place`.
  @inline(__always)
  fileprivate func takes(_ bytes: Span<UInt8>, _ place: inout Int) -> Bool {
    guard holds(bytes, at: place) else { return false }
    place &+= bytes.count
    return true
  }

  @inline(__always)
  fileprivate func takes(_ byte: UInt8, _ place: inout Int) -> Bool {
    guard place < count, self[place] == byte else { return false }
    place &+= 1
    return true
  }
}
