// Searches the page, and remembers language and colours.
const root = document.documentElement
const search = document.querySelector('#search')
const found = document.querySelector('#found')
const entries = [...document.querySelectorAll('details')].map((element) => ({
  element,
  text: element.querySelector('summary').textContent.toLowerCase(),
}))

function show(language) {
  root.lang = language
  search.placeholder = search.dataset[language]
  document.querySelector('#language').textContent = language === 'en' ? '中文' : 'English'
}

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
  let count = 0
  for (const { element, text } of entries) {
    element.hidden = !words.every((word) => text.includes(word))
    if (!element.hidden) count += 1
  }
  for (const section of document.querySelectorAll('section')) {
    section.hidden = section.querySelector('details:not([hidden])') === null
  }
  document.querySelector('#nothing').hidden = count > 0
  found.textContent = words.length === 0 ? '' : `${count}`
}

function openTarget() {
  const target = document.getElementById(location.hash.slice(1))
  if (target?.matches('details')) {
    search.value = ''
    filter()
    target.open = true
    target.scrollIntoView()
  }
}

search.addEventListener('input', filter)
addEventListener('hashchange', openTarget)
addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== search) {
    event.preventDefault()
    search.focus()
  } else if (event.key === 'Escape' && document.activeElement === search) {
    search.value = ''
    filter()
  } else if (event.key === 'Enter' && document.activeElement === search) {
    // Else the key would act once more, on what gets the focus, and close it again.
    event.preventDefault()
    const first = entries.find(({ element }) => !element.hidden)?.element
    if (first !== undefined) {
      first.open = true
      first.querySelector('summary').focus()
    }
  }
})
document.querySelector('#language').addEventListener('click', () => {
  const language = root.lang === 'en' ? 'zh' : 'en'
  localStorage.setItem('rollcall.language', language)
  show(language)
})
document.querySelector('#colours').addEventListener('click', () => {
  const isDark = root.dataset.colours ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
  root.dataset.colours = isDark === 'dark' ? 'light' : 'dark'
  localStorage.setItem('rollcall.colours', root.dataset.colours)
})

const colours = localStorage.getItem('rollcall.colours')
if (colours !== null) root.dataset.colours = colours
show(localStorage.getItem('rollcall.language') ?? (navigator.language.startsWith('zh') ? 'zh' : 'en'))
openTarget()
