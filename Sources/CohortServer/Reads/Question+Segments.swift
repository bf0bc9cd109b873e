import CohortLedger
import CohortModel
import CohortWire

// Segments as they are listed, described and counted: CONTRACT part 2.

extension Question {
  /// A page of 100; archived ones with `include_archived=true`; those alone that a search finds, if
  /// there is one.
  func listSegments() throws -> Answered {
    let standing = try standing()
    let view = standing.view
    let all = try standing.query.flag(.includeArchived)
    let search = try standing.query.search()
    let segments = view.segments.filter { saved in
      (all || !view.isArchived(saved.segment))
        && search?.finds(saved.name, saved.segment, saved.tags) ?? true
    }
    let page = try standing.page(of: segments)
    return .object(at: view.position) { json in
      json.member("message", "success")
      json.asOf(view.asOfShape)
      json.key("segments")
      json.array { json in for segment in page { json.listed(segment) } }
    }
  }

  func segmentDetails() throws -> Answered {
    let standing = try standing()
    let segment = try segment(standing.query)
    let definitions = try standing.definitions
    guard let shape = try standing.view.shape(of: segment, definitions) else {
      throw standing.view.absence(of: segment)
    }
    return .value(at: standing.view.position) { $0.details(shape) }
  }

  /// The versions up to the moment asked about, oldest first.
  func segmentVersions() throws -> Answered {
    let standing = try standing()
    let (view, segment) = (standing.view, try segment(standing.query))
    let versions = view.state.segments[segment].versions.all.filter {
      $0.position <= view.position
    }
    guard !versions.isEmpty else { throw view.absence(of: segment) }
    let listing = Listing("versions", versions) { json, version in
      let filter = NamedFilter(version.value.filter) { view.state.cohorts[$0].name }
      json.version(version.value, at: version.position, version.time, filter)
    }
    return try answer(listing, standing) { json in
      json.member("message", "success")
      json.member("segment_id", segment.description)
    }
  }

  /// The size at `ending_at` and whole days before it.
  func segmentSeries() throws -> Answered {
    let query = try query()
    let segment = try segment(query)
    guard query.has(.length) else { throw WireError.lacking(.length) }
    let length = try query.number(.length, in: 1...100, or: 1)
    let end = try query.instant(.endingAt, .lenient) ?? now.instant
    guard end <= now.instant else { throw LedgerError.laterThanNow(end, now: now.instant) }
    let series = try ledger.series(of: segment, length: length, endingAt: end)
    let asOf = try view(.instant(end)).asOfShape
    return .object(at: asOf.position) { json in
      json.member("message", "success")
      json.member("segment_id", segment.description)
      json.asOf(asOf)
      json.key("data")
      json.array { json in for point in series { json.size(point.size, at: point.time) } }
    }
  }

  func segmentMembers() throws -> Answered {
    let standing = try standing()
    let segment = try segment(standing.query)
    let definitions = try standing.definitions
    guard standing.view.definition(of: segment, definitions) != nil else {
      throw standing.view.absence(of: segment)
    }
    let later = definitions == .now ? standing.identities : nil
    if let later { try requireUnchanged(segment, since: later) }
    let list = try members(
      .segment(segment, definitions: later, standing.view.instant), standing)
    return try answer(list, standing) { $0.member("segment_id", segment.description) }
  }

  /// How many meet a filter that is not saved, and each of its leaves alone.
  func previewSegment() throws -> Answered {
    let wish = try PreviewSegment(body: object())
    let query = try query()
    guard wish.asOf == nil || !query.has(.asOf) else {
      throw WireError(400, "'as_of' is given in the query and in the body. Give it once.")
    }
    let view = try view(wish.asOf ?? query.moment(.asOf), at: query.instant(.at))
    let size = try view.size(
      of: view.resolve(wish.filter), definitions: query.isNow(.definition) ? .now : .then)
    return .object(at: view.position) { json in
      json.member("message", "success")
      json.asOf(view.asOfShape)
      json.member("size", size.size)
      json.key("leaves")
      json.array { json in
        for leaf in size.leaves {
          json.object {
            $0.key("filter")
            $0.filter(NamedFilter(leaf.filter) { view.state.cohorts[$0].name })
            $0.member("size", leaf.size)
          }
        }
      }
    }
  }

  /// - Throws: 404 for a segment that does not exist now.
  private func segment(_ query: Query) throws(WireError) -> SegmentID {
    guard let segment = try query.id(.segmentID, of: Segment.self) else {
      throw .lacking(.segmentID)
    }
    guard now.state.segments.contains(segment) else { throw now.absence(of: segment) }
    return segment
  }

  /// All pages show the definitions of one present.
  private func requireUnchanged(
    _ segment: SegmentID, since position: Position
  ) throws(WireError) {
    var known: Set<SegmentID> = []
    var work = [segment]
    while let segment = work.popLast() {
      guard known.insert(segment).inserted else { continue }
      guard let last = now.state.segments[segment].versions.all.last else { continue }
      guard last.position <= position else {
        throw WireError(
          409, "\(segment) was saved again since the page before. Ask for the first page again.")
      }
      work += last.value.filter.segments
    }
  }
}

extension Standing {
  /// The page of 100 that `page` names, from 0, in the order that `sort_direction` says.
  func page<Item>(of items: [Item]) throws(WireError) -> ArraySlice<Item> {
    let page = try query.number(.page) ?? 0
    let ordered = try query.isDescending() ? items.reversed() : items
    let start = page > UInt64(ordered.count) ? ordered.count : min(ordered.count, Int(page) * 100)
    return ordered[start...].prefix(100)
  }
}

extension View {
  /// Why there is no such segment here.
  func absence(of segment: SegmentID) -> WireError {
    guard state.segments.contains(segment),
      let first = state.segments[segment].versions.all.first
    else {
      let name = Text(segment.description)
      let nearest = NearestText.nearest(
        to: name.bytes, in: segments.map { Array($0.segment.description.utf8) })
      return WireError(
        Refusal.unknownSegment(name, nearest: nearest.map { Text(bytes: $0) }),
        subject: .segment(name))
    }
    return WireError(
      404,
      "\(segment) did not exist yet at \(position). "
        + "Ask from \(first.position) on, or with 'definition=now'.",
      [JSONText.Member("from", .integer(Int64(clamping: first.position.rawValue)))])
  }
}
