// Before the first paint, so that no page flashes in the wrong colours.
const chosen = localStorage.getItem('easel.theme')
const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
document.documentElement.classList.toggle('dark', dark)
