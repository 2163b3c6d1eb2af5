/**
 * The services as a graph: every field they have, as a team would publish it.
 *
 * @module
 */
export const typeDefs = /* GraphQL */ `
  type Query {
    profile: Profile!
    orders: OrderPage!
    products: ProductPage!
    account: Profile!
    purchases: OrderPage!
    recommendations: RecommendationPage!
    reviews: ReviewPage!
    notifications: NotificationPage!
    prices: PricePage!
  }

  type Money { amount: Int! currency: String! }
  type Address { line1: String! city: String! postcode: String! country: String! }
  type Loyalty { points: Int! since: String! level: String! }

  type Profile {
    id: ID! name: String! email: String! phone: String! locale: String! tier: String! avatarUrl: String!
    addresses: [Address!]! loyalty: Loyalty! interests: [String!]! createdAt: String!
  }

  type OrderPage { items: [Order!]! next: String total: Int! }
  type Order {
    id: ID! customerId: ID! status: String! placedAt: String! lines: [OrderLine!]! total: Money!
    shippingAddress: Address! tracking: Tracking
  }
  type OrderLine { productId: ID! title: String! quantity: Int! unitPrice: Money! }
  type Tracking { carrier: String! code: String! url: String! }

  type ProductPage { items: [Product!]! next: String total: Int! }
  type Product {
    id: ID! sku: String! title: String! subtitle: String! description: String! brand: String!
    categoryPath: [String!]! images: [Image!]! price: Money! rating: Rating! attributes: [Attribute!]!
    available: Boolean!
  }
  type Image { url: String! width: Int! height: Int! }
  type Rating { average: Float! count: Int! }
  type Attribute { name: String! value: String! }

  type RecommendationPage { items: [Recommendation!]! next: String total: Int! }
  type Recommendation {
    productId: ID! title: String! imageUrl: String! reason: String! score: Float! price: Money!
  }

  type ReviewPage { items: [Review!]! next: String total: Int! }
  type Review {
    id: ID! author: String! rating: Int! title: String! text: String! helpful: Int! verified: Boolean!
    createdAt: String!
  }

  type NotificationPage { items: [Notification!]! next: String total: Int! }
  type Notification {
    id: ID! kind: String! title: String! text: String! link: String! icon: String! read: Boolean!
    createdAt: String!
  }

  type PricePage { items: [Price!]! next: String total: Int! }
  type Price {
    productId: ID! list: Money! now: Money! discountPercent: Int! promotion: String validUntil: String!
  }
`;
