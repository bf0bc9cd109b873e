package import CohortModel

/// A method of HTTP that some route has.
package enum Method: String, Hashable, Sendable, CaseIterable {
  case get = "GET"
  case post = "POST"
  case delete = "DELETE"
}

/// One row of the table of ``Routes``.
package struct Route: Hashable, Sendable {
  package let method: Method
  /// Segments in braces are ids: `/ledger/keys/{id}/invalidate`.
  package let pattern: String
  /// What a REST key needs; `nil` where no REST key is asked for.
  package let permission: Permission?
  /// What opens it as well.
  package let alternative: Permission?
  package let kind: RouteKind
  let segments: [Segment]
  /// Whether the last id is all that is left of the path, slashes and all.
  let takesRest: Bool

  enum Segment: Hashable, Sendable {
    case word([UInt8])
    case id
  }

  init(
    _ method: Method, _ pattern: String, _ permission: Permission?, _ kind: RouteKind,
    takesRest: Bool = false, or alternative: Permission? = nil
  ) {
    self.alternative = alternative
    self.method = method
    self.takesRest = takesRest
    self.pattern = pattern
    self.permission = permission
    self.kind = kind
    segments = pattern.utf8.dropFirst().split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false
    ).map { $0.first == UInt8(ascii: "{") ? .id : .word(Array($0)) }
  }
}

/// A route together with the ids that a path named, in their order.
package struct RouteMatch: Hashable, Sendable {
  package let route: Route
  package let ids: [Text]

  package var kind: RouteKind { route.kind }
}

/// What a path and a method lead to.
package enum RouteFinding: Hashable, Sendable {
  case found(RouteMatch)
  /// 404, or 400 for a path that is none.
  case refused(WireError)
  /// 405, with what `Allow` names.
  case wrongMethod(allowed: [Method])

  /// - Throws: What to answer if there is no such route.
  package func get() throws(WireError) -> RouteMatch {
    switch self {
    case .found(let match): return match
    case .refused(let error): throw error
    case .wrongMethod: throw .methodNotAllowed
    }
  }
}

extension Routes {
  /// Finds the route of a path, which ends before any `?`.
  ///
  /// An id is one segment, percent-decoded once; `%2F` in it is a slash of the id. Elsewhere in a
  /// path an escaped slash is refused, because two readers could take it for two paths.
  package static func find(_ method: Method, _ path: Span<UInt8>) -> RouteFinding {
    guard path.count > 0, path[0] == UInt8(ascii: "/") else { return .refused(.notFound) }
    var segments: [PathSegment] = []
    var start = 1
    while start <= path.count {
      let end = ByteScanner.first(of: UInt8(ascii: "/"), in: path, from: start)
      guard let segment = PathSegment(path.extracting(start..<end)) else {
        return .refused(.badPath)
      }
      segments.append(segment)
      start = end + 1
    }
    var allowed: [Method] = []
    for route in all
    where route.segments.count == segments.count
      || route.takesRest && route.segments.count < segments.count
    {
      guard let ids = route.ids(in: segments) else { continue }
      if route.method == method { return .found(RouteMatch(route: route, ids: ids)) }
      allowed.append(route.method)
    }
    guard allowed.isEmpty else { return .wrongMethod(allowed: allowed) }
    return .refused(segments.contains { $0.hasEscapedSlash } ? .badPath : .notFound)
  }

  package static func find(_ method: Method, _ path: String) -> RouteFinding {
    find(method, path.utf8.span)
  }
}

extension Route {
  /// - Returns: `nil` if the path is none of this route.
  fileprivate func ids(in path: [PathSegment]) -> [Text]? {
    var ids: [Text] = []
    for (expected, given) in zip(segments, path) {
      switch expected {
      case .word(let word): guard given.bytes == word else { return nil }
      case .id:
        guard !given.bytes.isEmpty else { return nil }
        ids.append(Text(bytes: given.bytes))
      }
    }
    guard takesRest else { return ids }
    let rest = path[(segments.count - 1)...]
    // A slash of this id is a slash of the path, and there is one way to write it.
    guard rest.allSatisfy({ !$0.bytes.isEmpty && !$0.hasEscapedSlash }) else { return nil }
    ids[ids.count - 1] = Text(bytes: Array(rest.map(\.bytes).joined(separator: [0x2F])))
    return ids
  }
}

extension WireError {
  static let badPath = WireError(
    400,
    "The path has an escape that is none, or an escaped slash outside an id. "
      + "Send UTF-8, percent-encoded once.")
}

/// A segment of a path after decoding.
private struct PathSegment {
  var bytes: [UInt8] = []
  var hasEscapedSlash = false

  /// - Returns: `nil` for a percent sign without two hex digits, and for what is not UTF-8.
  init?(_ raw: Span<UInt8>) {
    var at = 0
    while at < raw.count {
      guard raw[at] == UInt8(ascii: "%") else {
        bytes.append(raw[at])
        at += 1
        continue
      }
      guard at + 2 < raw.count, let high = raw[at + 1].hexDigit, let low = raw[at + 2].hexDigit
      else { return nil }
      bytes.append(high << 4 | low)
      if bytes.last == UInt8(ascii: "/") { hasEscapedSlash = true }
      at += 3
    }
    guard UTF8Checker.accepts(bytes.span) else { return nil }
  }
}
