package import CohortModel

/// A write as it was asked for: what is to be done, and what its answer has to remember.
package struct WriteRequest: Sendable {
  package let kind: RouteKind
  package let action: Action
  /// Where the items of a batch stood in the body.
  let layout: BatchLayout

  /// What the one who holds a ledger has to do.
  package enum Action: Sendable {
    /// Submit it.
    case wish(Wish)
    /// Nothing: there is nothing in it that is kept.
    case nothing
    /// Make a secret, then submit `wish(digest:)` of it.
    case issueKey(NewKey)
    /// Make a secret if it has none, then submit `wish(_:)` of it.
    case enablePartner(NewPartner)
    /// Delete and erase: the ledger looks for mentions.
    case deleteAndErase([UserName])
    case erase(UserName)
    case forgetUnmatched(before: Instant)
    /// Evaluate the audience, then submit that.
    case launch(CampaignReference, expecting: UInt32?)
  }

  /// What a request is about, as the path or the body names it.
  package enum Subject: Hashable, Sendable {
    case cohort(CohortName)
    case segment(Text)
    case partner(Text)
  }

  init(_ kind: RouteKind, _ action: Action, _ layout: BatchLayout = BatchLayout()) {
    self.kind = kind
    self.action = action
    self.layout = layout
  }

  /// What the request is about, if that has a name of its own.
  package var subject: Subject? {
    guard case .wish(let wish) = action else { return nil }
    switch wish {
    case .archiveCohort(let name), .restoreCohort(let name): return .cohort(name)
    case .archiveSegment(let id), .restoreSegment(let id): return .segment(Text(id.description))
    case .saveSegment(let wish): return wish.segment.map { .segment(Text($0.description)) }
    case .disablePartner(let code): return .partner(code)
    default: return nil
    }
  }

  /// What to answer if the ledger refuses.
  package func error(_ refusal: Refusal) -> WireError { WireError(refusal, subject: subject) }
}

/// Where the items of a batch stood in the body.
///
/// Items that make no sense are left out of the wish; the others keep their order.
struct BatchLayout: Sendable {
  /// An item by the name of its array and its index there.
  struct Place: Hashable, Sendable {
    let array: String
    let index: Int
    /// How many items of the body were read before.
    let order: Int
  }

  struct Fault: Hashable, Sendable {
    let place: Place
    let text: String
  }

  /// Of the items of the wish, in their order.
  var places: [Place] = []
  /// Of the items left out, in the order of the body.
  var faults: [Fault] = []
  /// Fields that are not stored, each once.
  var ignored: [Text] = []
}

extension WriteRequest {
  /// Reads the body of a write.
  ///
  /// Part 1 authenticates before it looks at fields: read ``PartnerCredentials`` first, and call
  /// this after they were found good.
  ///
  /// - Parameters:
  ///   - match: The route that the path led to, with its ids.
  ///   - body: One object; null too where the path says it all.
  ///   - wantsResults: `Prefer: return=representation`.
  /// - Throws: ``WireError``; 404 for a route that is no write with a body of JSON.
  package init(
    _ match: RouteMatch, body: JSONValue, wantsResults: Bool = false
  ) throws(WireError) {
    if !(body.isNull && match.kind.mayLackBody) { try body.requireBody() }
    switch match.kind {
    case .nameCohort:
      let wish = try NameCohort(body: body, partner: match.id(0))
      self.init(.nameCohort, .wish(.nameCohort(wish)))
    case .changeMembers:
      let wish = try ChangeMembers(body: body, partner: match.id(0), wantsResults: wantsResults)
      self.init(.changeMembers, .wish(.changeMembers(wish)))
    case .track: try self.init(track: body)
    case .addAliases: try self.init(addAliases: body)
    case .updateAliases: try self.init(updateAliases: body)
    case .identify: try self.init(identify: body)
    case .merge: try self.init(merge: body)
    case .renameExternalIDs: try self.init(renameExternalIDs: body)
    case .removeExternalIDs: try self.init(removeExternalIDs: body)
    case .deleteUsers: try self.init(deleteUsers: body)
    case .createSegment, .updateSegment: try self.init(saveSegment: body, match.kind)
    case .archiveSegment, .restoreSegment: try self.init(archiveSegment: body, match.kind)
    case .createCampaign, .updateCampaign, .createCanvas, .updateCanvas:
      try self.init(saveCampaign: body, match.kind)
    case .archiveCampaign, .restoreCampaign, .archiveCanvas, .restoreCanvas, .launchCampaign,
      .launchCanvas:
      try self.init(onCampaign: body, match.kind)
    case .archiveCohort, .restoreCohort:
      var id = match.id(1)
      if !body.isNull, let given = try Fields(body, known: ["cohort_id"]).text("cohort_id") {
        id = try match.cohortID(given)
      }
      let name = CohortName(partner: match.id(0), cohortID: id)
      self.init(
        match.kind,
        .wish(match.kind == .archiveCohort ? .archiveCohort(name) : .restoreCohort(name)))
    case .issueKey: self.init(.issueKey, .issueKey(try NewKey(body: body)))
    case .invalidateKey:
      if !body.isNull { _ = try Fields(body, known: []) }
      guard let key = KeyID(match.id(0).description) else { throw .noKey(match.id(0)) }
      self.init(.invalidateKey, .wish(.invalidateKey(key)))
    case .enablePartner: self.init(.enablePartner, .enablePartner(try NewPartner(body: body)))
    case .disablePartner:
      if !body.isNull { _ = try Fields(body, known: []) }
      self.init(.disablePartner, .wish(.disablePartner(match.id(0))))
    case .erase: self.init(.erase, .erase(try UserName(body: body)))
    case .forgetUnmatched:
      let fields = try Fields(body, known: ["before"])
      guard let before = try fields.instant("before") else {
        throw .missing("before", "a time such as \"2026-11-21T00:41:59Z\"")
      }
      self.init(.forgetUnmatched, .forgetUnmatched(before: before))
    default: throw .notFound
    }
  }
}

extension RouteMatch {
  /// The id at a place of the pattern.
  package func id(_ index: Int) -> Text { index < ids.count ? ids[index] : "" }

  /// The id of a cohort that stands beside the path, which has `-` in its place.
  ///
  /// - Throws: 400 if the path names one too.
  package func cohortID(_ given: Text) throws(WireError) -> Text {
    guard id(1) == "-" else {
      throw WireError(
        400, "The path and 'cohort_id' both name a cohort. Send '-' in the path, or no 'cohort_id'."
      )
    }
    return given
  }
}

extension WireError {
  static func noKey(_ id: Text) -> WireError {
    let shown = TerminalText.escaped(String(id.description.prefix(64)))
    return WireError(
      404, "There is no key '\(shown)'. Name it as in key:3; 'cohort keys list' has all.")
  }
}

extension RouteKind {
  /// Whether the path says it all: the body is then empty, read as null, or an empty object.
  package var mayLackBody: Bool {
    switch self {
    case .archiveCohort, .restoreCohort, .invalidateKey, .disablePartner: true
    default: false
    }
  }
}
