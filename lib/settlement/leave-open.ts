import type { Order } from '../reversal/order.ts'
import type { Reversal } from '../reversal/result.ts'
import { isOpen, type OpenMessage, toMessage } from './open-outcome.ts'

/** Leaves an outcome that says nothing final about the money to its day's bill. Never rejects: the outcome is told all the same. */
export type LeaveOpen = (order: Pick<Order, 'message'>, reversal: Reversal) => Promise<void>

export interface LeaveOpenOptions {
  put(message: OpenMessage): Promise<void>
  failed(reversal: Reversal, error: unknown): void
}

export function createLeaveOpen({ put, failed }: LeaveOpenOptions): LeaveOpen {
  return async (order, reversal) => {
    if (!isOpen(reversal)) return
    try {
      await put(toMessage(order, reversal))
    } catch (error) {
      failed(reversal, error)
    }
  }
}
