/**
 * The queries a client sends: the same fields as the other contenders answer with.
 *
 * @module
 */
export const homeQuery = /* GraphQL */ `
  query Home {
    profile { id name tier }
    orders { items { id status total { amount currency } } }
    products { items { id title } }
  }
`;

export const feedQuery = /* GraphQL */ `
  query Feed {
    account { id name tier loyalty { points level } addresses { line1 city } }
    purchases { items { id status placedAt lines { title quantity } total { amount currency } } }
    recommendations { items { productId title price { amount currency } } }
    reviews { items { id author rating text } }
    notifications { items { id title text createdAt } }
    prices { items { productId now { amount currency } discountPercent } }
  }
`;
